use std::time::{Duration, Instant};

const ROUNDS: usize = 100;

/// Long enough for the clock, short enough to be spared an interruption.
const BATCH: Duration = Duration::from_micros(200);

/// The best time of each way, in nanoseconds. All ways are measured in turn, many times, in an order that rotates, so that
/// what else the machine does cannot favour one of them.
#[must_use]
pub fn best_times<const N: usize>(ways: &[&dyn Fn(); N]) -> [f64; N] {
    let once = time(ways[0], 1).max(Duration::from_nanos(1));
    let repeats = BATCH.div_duration_f64(once).ceil() as u32;
    let mut best = [f64::INFINITY; N];
    for round in 0..ROUNDS {
        for way in (0..N).map(|way| (way + round) % N) {
            let nanos = time(ways[way], repeats).as_nanos() as f64 / f64::from(repeats);
            best[way] = best[way].min(nanos);
        }
    }
    best
}

fn time(way: &dyn Fn(), repeats: u32) -> Duration {
    let start = Instant::now();
    (0..repeats).for_each(|_| way());
    start.elapsed()
}
