// Locks.java - threads of Java with synchronized, whose locks are the virtual machine's own, for so many seconds
// SPDX-License-Identifier: GPL-3.0-or-later
public class Locks {
    private static long sum;

    private static synchronized void add(long number) {
        sum += number;
    }

    private static long run() throws InterruptedException {
        Thread[] threads = new Thread[3];
        sum = 0;
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
        return sum;
    }

    public static void main(String[] arguments) throws InterruptedException {
        long end = System.nanoTime() + 1_000_000_000L * Integer.parseInt(arguments[0]);
        long expected = run();
        while (System.nanoTime() < end)
            if (run() != expected)
                System.exit(1);
        System.out.println(expected);
    }
}
