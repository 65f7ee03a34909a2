// mutex.rs - threads of Rust with a Mutex, whose waits are futex calls of its own, for so many seconds
// SPDX-License-Identifier: GPL-3.0-or-later
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

fn run() -> u64 {
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
    let result = *sum.lock().unwrap();
    result
}

fn main() {
    let seconds = std::env::args().nth(1).map_or(1, |text| text.parse().unwrap());
    let end = Instant::now() + Duration::from_secs(seconds);
    let sum = run();
    while Instant::now() < end {
        assert_eq!(run(), sum);
    }
    println!("{}", sum);
}
