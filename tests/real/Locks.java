// Locks.java - threads of Java with synchronized, whose locks are the virtual machine's own
// SPDX-License-Identifier: GPL-3.0-or-later
public class Locks {
    private static long sum;

    private static synchronized void add(long number) {
        sum += number;
    }

    public static void main(String[] arguments) throws InterruptedException {
        Thread[] threads = new Thread[3];
        for (int i = 0; i < threads.length; i++) {
            long number = i + 1;
            threads[i] = new Thread(() -> {
                for (int j = 0; j < 300_000; j++)
                    add(number);
            });
            threads[i].start();
        }
        for (Thread thread : threads)
            thread.join();
        System.out.println(sum);
    }
}
