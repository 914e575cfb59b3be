//! A hypervisor's memory map: processors read it at every access of a guest, and hardly anybody changes
//! it. With the names and shapes of minircu, all of them.

use std::{
    future::{self, Future},
    pin::pin,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicPtr, AtomicUsize, Ordering::*},
    },
    task::{Context, Poll, Wake, Waker},
    thread,
    time::Duration,
};

use minircu::RcuDomain;

/// A handle is a constant, copied where it is needed.
const RCU: RcuDomain = minircu::global();

/// Where a region of the guest's memory begins, and whose it is.
#[derive(Clone, Debug, PartialEq)]
struct Region {
    start: u64,
    owner: &'static str,
}

/// Regions in order, swapped as a whole.
struct MemoryMap {
    current: AtomicPtr<Vec<Region>>,
    replaced: AtomicUsize,
}

impl MemoryMap {
    fn new(regions: Vec<Region>) -> Self {
        Self {
            current: AtomicPtr::new(Box::into_raw(Box::new(regions))),
            replaced: AtomicUsize::new(0),
        }
    }

    /// Any result may leave the section, borrowed ones may not outlive it.
    fn owner(&self, address: u64) -> Option<&'static str> {
        RCU.run(|| {
            // SAFETY: what is loaded in a section is freed after a grace period that ends after it.
            let regions = unsafe { &*self.current.load(Acquire) };
            let at = regions.partition_point(|region| region.start <= address);
            Some(regions.get(at.checked_sub(1)?)?.owner)
        })
    }

    /// The old map, which readers may still be looking at.
    fn swap(&self, regions: Vec<Region>) -> *mut Vec<Region> {
        self.replaced.fetch_add(1, Relaxed);
        self.current.swap(Box::into_raw(Box::new(regions)), AcqRel)
    }

    fn replace_blocking(&self, regions: Vec<Region>) -> Vec<Region> {
        let old = self.swap(regions);
        RCU.synchronize_blocking();
        // SAFETY: a grace period has passed since it was unlinked, and it came from a box.
        *unsafe { Box::from_raw(old) }
    }

    /// The future may be polled by any thread.
    fn replace(&self, regions: Vec<Region>) -> impl Future<Output = Vec<Region>> + Send {
        let old = AtomicPtr::new(self.swap(regions));
        async move {
            RCU.synchronize(sleep).await;
            // SAFETY: as above.
            *unsafe { Box::from_raw(old.into_inner()) }
        }
    }
}

impl Drop for MemoryMap {
    fn drop(&mut self) {
        // SAFETY: nobody else has the map.
        drop(unsafe { Box::from_raw(*self.current.get_mut()) });
    }
}

/// As an executor's timer would have it.
async fn sleep(time: Duration) {
    assert!(time > Duration::ZERO);
    let mut slept = false;
    future::poll_fn(|context| {
        if std::mem::replace(&mut slept, true) {
            return Poll::Ready(());
        }
        thread::sleep(time);
        context.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

/// Unparks a thread.
struct Unpark(thread::Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

/// An executor of one thread, which quiesces whenever its future has nothing to do.
fn block_on<F: Future>(future: F) -> F::Output {
    let waker = Waker::from(Arc::new(Unpark(thread::current())));
    let mut future = pin!(RCU.quiesce_on_pending(future));
    loop {
        match future.as_mut().poll(&mut Context::from_waker(&waker)) {
            Poll::Ready(output) => return output,
            Poll::Pending => thread::park(),
        }
    }
}

fn regions(generation: u64) -> Vec<Region> {
    let owners = ["ram", "rom", "apic"];
    owners
        .into_iter()
        .zip(0..)
        .map(|(owner, n)| Region {
            start: n * 0x1000 * generation,
            owner,
        })
        .collect()
}

#[test]
fn a_memory_map() {
    let map = MemoryMap::new(regions(1));
    let stop = AtomicBool::new(false);
    let lookups = AtomicUsize::new(0);
    thread::scope(|scope| {
        let (map, stop, lookups) = (&map, &stop, &lookups);
        for _ in 0..2 {
            scope.spawn(move || {
                while !stop.load(Relaxed) {
                    assert_eq!(map.owner(0), Some("ram"));
                    // Sections nest.
                    let both = RCU.run(|| RCU.run(|| (map.owner(0), map.owner(u64::MAX))));
                    assert_eq!(both, (Some("ram"), Some("apic")));
                    lookups.fetch_add(1, Relaxed);
                }
            });
        }
        // A device's thread, which sleeps between its reads, and says so.
        let device = scope.spawn(move || {
            while !stop.load(Relaxed) {
                assert_eq!(map.owner(u64::MAX), Some("apic"));
                RCU.quiesce();
                thread::park();
            }
        });
        while lookups.load(Relaxed) == 0 {
            thread::yield_now();
        }
        for generation in 2..50 {
            let old = map.replace_blocking(regions(generation));
            assert_eq!(old, regions(generation - 1));
            device.thread().unpark();
        }
        for generation in 50..100 {
            let old = block_on(map.replace(regions(generation)));
            assert_eq!(old, regions(generation - 1));
        }
        stop.store(true, Relaxed);
        device.thread().unpark();
    });
    assert_eq!(map.replaced.load(Relaxed), 98);
}

/// What the handle is.
#[test]
fn a_handle_goes_anywhere() {
    fn is<T: Copy + Send + Sync + Unpin + std::fmt::Debug + 'static>(_: &T) {}
    is(&RCU);
    let copy = RCU;
    assert!(format!("{copy:?}").contains("RcuDomain"));
    thread::spawn(move || copy.run(|| ())).join().unwrap();
}

/// Sections end when a panic leaves them, and a writer in one panics.
#[test]
fn panics() {
    assert!(std::panic::catch_unwind(|| RCU.run(|| panic!("in a section"))).is_err());
    RCU.synchronize_blocking();
    assert!(std::panic::catch_unwind(|| RCU.run(|| RCU.synchronize_blocking())).is_err());
    RCU.synchronize_blocking();
}

/// A future that has nothing to do leaves its thread quiescent, and its output comes through.
#[test]
fn quiesce_on_pending() {
    let mut polls = 0;
    let counted = future::poll_fn(|context| {
        polls += 1;
        RCU.run(|| {});
        context.waker().wake_by_ref();
        match polls {
            3 => Poll::Ready("done"),
            _ => Poll::Pending,
        }
    });
    assert_eq!(block_on(counted), "done");
    assert_eq!(polls, 3);
}
