// mutex.rs - threads of Rust with a Mutex, whose waits are futex calls of its own
// SPDX-License-Identifier: GPL-3.0-or-later
use std::sync::{Arc, Mutex};
use std::thread;

fn main() {
    let sum = Arc::new(Mutex::new(0u64));
    let threads: Vec<_> = (1..=3u64)
        .map(|number| {
            let sum = Arc::clone(&sum);
            thread::spawn(move || {
                for _ in 0..300_000 {
                    *sum.lock().unwrap() += number;
                }
            })
        })
        .collect();
    for thread in threads {
        thread.join().unwrap();
    }
    println!("{}", sum.lock().unwrap());
}
