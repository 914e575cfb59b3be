use super::os::{Lock, uninterrupted};
use super::waiter::Node;
use crate::WaitFor;
use core::ptr::NonNull;
#[allow(unused_imports, reason = "the buckets of a model are not padded")]
use pintle_core::CachePadded;
use pintle_core::atomic::{
    AtomicUsize,
    Ordering::{Relaxed, SeqCst},
    fence,
};
use pintle_core::{const_fn, not_loom, only_loom};
use pintle_intrusive::Ring;

/// The waiters whose words' addresses have one hash.
pub(super) struct Bucket {
    /// How many they are: invariant 1 of the module. Outside of the queue's lock, for wakers.
    count: AtomicUsize,
    /// First come, first served.
    queue: Lock<Ring<Node>>,
}

not_loom! {
    /// 64 buckets, 8 KiB where cache lines are padded to 128 bytes, and none of it in the file of the
    /// program.
    ///
    /// Threads compete for a bucket only on their way into a wait and out of it, so it is the number
    /// of processors that counts, not that of the sleepers. And a wake of a word for which nobody
    /// waits is cheap unless a sleeper has the same bucket: that is one in 64 for each sleeper.
    const BITS: u32 = 6;

    static BUCKETS: [CachePadded<Bucket>; 1 << BITS] =
        [const { CachePadded::new(Bucket::new()) }; 1 << BITS];
}

only_loom! {
    loom::lazy_static! {
        // One: addresses differ from one run of a model to the next, and a model must not.
        static ref BUCKET: Bucket = Bucket::new();
    }
}

// === impl Bucket ===

impl Bucket {
    const_fn! {
        const fn new() -> Self {
            Self {
                count: AtomicUsize::new(0),
                queue: Lock::new(Ring::new()),
            }
        }
    }

    not_loom! {
        /// The bucket of the words at that address.
        #[inline]
        pub(super) fn of(address: *const ()) -> &'static Self {
            // Fibonacci hashing (Knuth, volume 3, 6.4): the high bits of the product are well mixed.
            let hash = (address.addr() as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15);
            &BUCKETS[(hash >> (u64::BITS - BITS)) as usize]
        }
    }

    only_loom! {
        pub(super) fn of(_address: *const ()) -> &'static Self {
            &BUCKET
        }
    }

    /// Whether nobody waits, as far as a waker need know: see the module.
    #[inline]
    pub(super) fn is_empty(&self) -> bool {
        self.count.load(Relaxed) == 0
    }

    /// Puts `node` at the end of the queue, if the word holds what is expected.
    ///
    /// # Safety
    ///
    /// The node stays where it is until it has been unlinked from this bucket, by `wake` or `unlink`.
    pub(super) unsafe fn link(&self, node: &Node, word: &WaitFor<'_>) -> bool {
        self.with(|queue| {
            self.count.fetch_add(1, Relaxed);
            // Pairs with the fence in `wake` of the module.
            fence(SeqCst);
            if !word.is_as_expected() {
                self.count.fetch_sub(1, Relaxed);
                return false;
            }
            queue.push_back(NonNull::from(node));
            true
        })
    }

    /// Takes `node` out of the queue, if it is there.
    pub(super) fn unlink(&self, node: &Node) {
        self.with(|queue| {
            // SAFETY: the node is this bucket's, by its address, or in no queue. In a waker's batch it
            // is not, as a claimed waiter comes here after it has been roused.
            if unsafe { queue.remove(NonNull::from(node)) }.is_some() {
                self.count.fetch_sub(1, Relaxed);
            }
        });
    }

    /// Ends up to `count` sleeps at that address.
    #[cold]
    pub(super) fn wake(&self, address: *const (), count: usize) -> usize {
        let mut batch = Ring::<Node>::new();
        let woken = self.with(|queue| {
            let mut woken = 0;
            let mut others = Ring::new();
            while woken < count {
                let Some(node) = queue.pop_front() else { break };
                // SAFETY: it was linked until now, and we hold the bucket.
                if unsafe { node.as_ref() }.address() == address
                    // SAFETY: as above.
                    && unsafe { Node::claim(node) }
                {
                    batch.push_back(node);
                    woken += 1;
                } else {
                    others.push_back(node);
                }
            }
            others.splice(queue);
            *queue = others;
            self.count.fetch_sub(woken, Relaxed);
            woken
        });
        while let Some(node) = batch.pop_front() {
            // SAFETY: we have claimed it, and it is in no ring any more.
            unsafe { Node::rouse(node) };
        }
        woken
    }

    not_loom! {
        /// How many stand in the queue for that address.
        #[cfg(test)]
        pub(super) fn waiters(&self, address: *const ()) -> usize {
            let here = |node: &&Node| node.address() == address;
            self.with(|queue| queue.iter().filter(here).count())
        }
    }

    /// Runs `f` with the lock, and with no signal handler of this thread in between.
    pub(super) fn with<R>(&self, f: impl FnOnce(&mut Ring<Node>) -> R) -> R {
        uninterrupted(|| self.queue.with(f))
    }
}
