//! The time that a prime or a hold may take, kept by a thread. `tokio`'s own timer panics where its runtime was built without
//! one, and under `panic = "abort"` that ends the process; a ping must not be what finds it out.

use std::io;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::task::{Context, Poll, Waker};
use std::thread;
use std::time::{Duration, Instant};

/// Is over after a time. Its thread starts when it is first waited for, and ends when it is dropped.
#[derive(Debug)]
pub(crate) struct Timer {
    /// `None` is never.
    end: Option<Instant>,
    alarm: Option<Alarm>,
}

#[derive(Debug)]
struct Alarm {
    waker: Waker,
    thread: Sender<Waker>,
}

impl Timer {
    pub(crate) fn new(time: Duration) -> Self {
        Self { end: Instant::now().checked_add(time), alarm: None }
    }

    /// Waits for the end; fails where no thread can be had to wake the task.
    pub(crate) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let Some(end) = self.end else { return Poll::Pending };
        if let Err(error) = self.listen(end, cx.waker()) {
            return Poll::Ready(Err(error));
        }
        // Only now, since the thread may have rung while it was told of another waker.
        if Instant::now() < end { Poll::Pending } else { Poll::Ready(Ok(())) }
    }

    fn listen(&mut self, end: Instant, waker: &Waker) -> io::Result<()> {
        match &mut self.alarm {
            Some(alarm) if alarm.waker.will_wake(waker) => {}
            Some(alarm) => {
                alarm.waker.clone_from(waker);
                // It has ended if it has rung.
                let _ = alarm.thread.send(waker.clone());
            }
            None => {
                let (thread, wakers) = mpsc::channel();
                let first = waker.clone();
                thread::Builder::new().name("warm-timer".into()).spawn(move || ring(end, first, &wakers))?;
                self.alarm = Some(Alarm { waker: waker.clone(), thread });
            }
        }
        Ok(())
    }
}

fn ring(end: Instant, mut waker: Waker, wakers: &Receiver<Waker>) {
    loop {
        match wakers.recv_timeout(end.saturating_duration_since(Instant::now())) {
            Ok(newer) => waker = newer,
            Err(RecvTimeoutError::Timeout) => return waker.wake(),
            Err(RecvTimeoutError::Disconnected) => return,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::task::Wake;

    use super::*;

    #[test]
    fn the_time_passes_in_a_runtime_without_a_clock() {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let started = Instant::now();
        let mut timer = Timer::new(Duration::from_millis(20));
        runtime.block_on(poll_fn(|cx| timer.poll(cx))).unwrap();
        assert!(started.elapsed() >= Duration::from_millis(20));
    }

    #[test]
    fn it_is_the_last_waker_that_is_woken() {
        struct Counter(AtomicUsize, thread::Thread);

        impl Wake for Counter {
            fn wake(self: Arc<Self>) {
                self.0.fetch_add(1, Ordering::SeqCst);
                self.1.unpark();
            }
        }

        let counters = [(); 2].map(|()| Arc::new(Counter(AtomicUsize::new(0), thread::current())));
        let mut timer = Timer::new(Duration::from_millis(500));
        for counter in &counters {
            let waker = Arc::clone(counter).into();
            assert!(timer.poll(&mut Context::from_waker(&waker)).is_pending());
        }
        while counters[1].0.load(Ordering::SeqCst) == 0 {
            thread::park();
        }
        assert_eq!(counters[0].0.load(Ordering::SeqCst), 0);
    }

    #[test]
    fn a_time_beyond_all_clocks_never_ends() {
        assert!(Timer::new(Duration::MAX).poll(&mut Context::from_waker(Waker::noop())).is_pending());
    }
}
