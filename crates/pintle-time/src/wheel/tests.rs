//! The wheel alone, against a sorted set, with its invariants checked after every step.

use std::boxed::Box;
use std::collections::BTreeSet;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::task::Wake;
use std::vec;
use std::vec::Vec;

use proptest::prelude::*;

use super::place::LEVELS;
use super::*;

/// Counts how often it was woken.
#[derive(Default)]
struct Count(AtomicUsize);

impl Wake for Count {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Relaxed);
    }
}

struct Timer {
    entry: Pin<Box<Entry>>,
    count: Arc<Count>,
}

impl Timer {
    fn ptr(&self) -> NonNull<Entry> {
        NonNull::from(&*self.entry)
    }
}

/// A wheel and what it should do.
struct Model {
    wheel: Box<Wheel>,
    timers: Vec<Timer>,
    pending: BTreeSet<(Ticks, usize)>,
    now: Ticks,
}

impl Model {
    fn new() -> Self {
        Self {
            wheel: Box::new(Wheel::new()),
            timers: vec![],
            pending: BTreeSet::new(),
            now: 0,
        }
    }

    fn arm(&mut self, deadline: Ticks) {
        let count = Arc::new(Count::default());
        let timer = Timer {
            entry: Box::pin(Entry::new(deadline)),
            count: count.clone(),
        };
        // SAFETY: the entry is idle and new, and removed from the wheel when the model is dropped.
        let inserted = unsafe { self.wheel.insert(timer.ptr(), count.into()) };
        assert_eq!(inserted.is_ok(), deadline > self.wheel.base());
        if inserted.is_ok() {
            self.pending.insert((deadline, self.timers.len()));
            assert_eq!(timer.entry.phase(), Phase::Armed);
        } else {
            assert_eq!(timer.entry.phase(), Phase::Done);
        }
        self.timers.push(timer);
        self.check();
    }

    fn cancel(&mut self, index: usize) {
        let Some(timer) = self.timers.get(index) else {
            return;
        };
        let was_pending = self.pending.remove(&(timer.entry.deadline(), index));
        // SAFETY: the entry was given to this wheel.
        let waker = unsafe { self.wheel.remove(timer.ptr()) };
        assert_eq!(waker.is_some(), was_pending, "cancel {index}");
        self.check();
    }

    /// One stay under the lock.
    fn step(&mut self, target: Ticks) -> Progress {
        let mut expired = Expired::new();
        let progress = self.wheel.advance(target, &mut expired);
        let fired = expired.len();
        expired.wake();
        let before = self.pending.len();
        // A turn that was overtaken helps the one that did, if that is not through yet.
        let reached = target.max(self.wheel.base());
        let timers = &self.timers;
        self.pending.retain(|&(deadline, index)| {
            let woken = timers[index].count.0.load(Relaxed);
            assert!(woken <= 1);
            assert!(
                woken == 0 || deadline <= reached,
                "{deadline} fired at {reached}"
            );
            assert_eq!(woken == 1, timers[index].entry.phase() == Phase::Done);
            woken == 0
        });
        assert_eq!(before - self.pending.len(), fired);
        self.check();
        progress
    }

    fn advance(&mut self, target: Ticks) {
        self.now = self.now.max(target);
        while self.step(target) == Progress::More {}
        assert_eq!(self.wheel.base(), self.now);
        assert!(
            self.pending
                .first()
                .is_none_or(|&(first, _)| first > self.now)
        );
    }

    /// The invariants of the module's documentation, and `soonest` against the truth.
    fn check(&mut self) {
        let wheel = &*self.wheel;
        let mut seen = 0;
        for (index, ring) in wheel.rings.iter().enumerate() {
            let place = Place::from_index(index);
            let draining = wheel.draining == Some(place);
            if !draining {
                let near = place.level() < NEAR_LEVELS;
                if near {
                    let bit = wheel.occupied[place.level()] >> place.slot() & 1 == 1;
                    assert_eq!(bit, !ring.is_empty(), "{place:?}");
                } else if place != wheel.active_far(place.level()) {
                    assert!(ring.is_empty());
                }
            }
            for entry in ring.iter() {
                seen += 1;
                assert_eq!(entry.armed_at(), Some(place));
                if !draining {
                    let level = place::level(wheel.base, entry.deadline());
                    assert_eq!(level, place.level());
                    if level < NEAR_LEVELS {
                        assert_eq!(place::digit(entry.deadline(), level), place.slot());
                    }
                }
            }
        }
        for level in 0..LEVELS {
            let occupied = if level < NEAR_LEVELS {
                wheel.occupied[level] != 0
            } else {
                !wheel.rings[wheel.active_far(level).index()].is_empty()
            };
            assert_eq!(wheel.levels >> level & 1 == 1, occupied, "level {level}");
        }
        assert_eq!(seen, self.pending.len());
        assert_eq!(wheel.is_empty(), self.pending.is_empty());

        let truth = self.pending.first().map(|&(deadline, _)| deadline);
        let known = self.wheel.soonest;
        match (known, truth) {
            (Soonest::Exactly(soonest), Some(truth)) => assert_eq!(soonest, truth),
            (Soonest::NotBefore(soonest), Some(truth)) => assert!(soonest <= truth),
            (Soonest::Exactly(_), None) => panic!("{known:?} of nothing"),
            _ => {}
        }
        let hint = self.wheel.soonest(2);
        assert_eq!(hint.is_some(), truth.is_some());
        let overdue = hint == Some(self.wheel.base) && self.wheel.draining.is_some();
        assert!(hint <= truth || overdue, "{hint:?} is after {truth:?}");
        // A driver that was told "now" would turn again and again.
        let idle = self.wheel.draining.is_none();
        assert!(!idle || hint.is_none_or(|hint| hint > self.wheel.base));
        // Asking changes what is known, so leave it and undo it by turns.
        if self.timers.len() % 3 == 0 {
            self.wheel.soonest = known;
        }
        // Ask for the exact answer every other time, so that both ways to it are walked.
        if self.timers.len() % 2 == 0 {
            assert_eq!(self.wheel.soonest(usize::MAX), truth);
        }
    }
}

impl Drop for Model {
    fn drop(&mut self) {
        for timer in &self.timers {
            // SAFETY: the entry was given to this wheel.
            drop(unsafe { self.wheel.remove(timer.ptr()) });
        }
        assert!(std::thread::panicking() || self.wheel.is_empty());
    }
}

/// A moment that is interesting as seen from now.
#[derive(Clone, Copy, Debug)]
enum Moment {
    /// So many ticks ahead.
    Ahead(u64),
    /// A power of two ahead, and a little.
    Power(u32, i64),
    /// Where a bit changes next, and a little.
    Boundary(u32, i64),
    /// So many ticks before the end of time.
    End(u64),
}

impl Moment {
    fn after(self, now: Ticks) -> Ticks {
        let moment = match self {
            Self::Ahead(ticks) => now.saturating_add(ticks),
            Self::Power(shift, delta) => {
                now.saturating_add(1 << shift).saturating_add_signed(delta)
            }
            Self::Boundary(shift, delta) => (now >> shift)
                .saturating_add(1)
                .saturating_mul(1 << shift)
                .saturating_add_signed(delta),
            Self::End(ticks) => Ticks::MAX - ticks,
        };
        moment.max(now)
    }
}

fn moment() -> impl Strategy<Value = Moment> {
    prop_oneof![
        4 => (0..200_u64).prop_map(Moment::Ahead),
        2 => (0..64_u32, -2..3_i64).prop_map(|(shift, delta)| Moment::Power(shift, delta)),
        // The levels' own boundaries, and those between.
        3 => (1..10_u32, -2..3_i64).prop_map(|(level, delta)| Moment::Boundary(6 * level, delta)),
        1 => (1..63_u32, -2..3_i64).prop_map(|(shift, delta)| Moment::Boundary(shift, delta)),
        1 => (0..3_u64).prop_map(Moment::End),
    ]
}

#[derive(Clone, Debug)]
enum Op {
    Arm(Moment),
    /// Many with one deadline: more than a batch.
    ArmMany(Moment, usize),
    Cancel(prop::sample::Index),
    Advance(Moment),
    /// One stay under the lock only; later operations meet a slot half drained.
    Step(Moment),
    /// A turn whose clock reading was overtaken.
    Late(u64),
}

fn op() -> impl Strategy<Value = Op> {
    prop_oneof![
        8 => moment().prop_map(Op::Arm),
        1 => (moment(), 1..100_usize).prop_map(|(moment, n)| Op::ArmMany(moment, n)),
        3 => any::<prop::sample::Index>().prop_map(Op::Cancel),
        3 => moment().prop_map(Op::Advance),
        2 => moment().prop_map(Op::Step),
        1 => (0..100_u64).prop_map(Op::Late),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(), failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn behaves_like_a_sorted_set(ops in prop::collection::vec(op(), 1..80)) {
        let mut model = Model::new();
        for op in ops {
            match op {
                Op::Arm(moment) => model.arm(moment.after(model.now)),
                Op::ArmMany(moment, n) => {
                    let deadline = moment.after(model.now);
                    (0..n).for_each(|_| model.arm(deadline));
                }
                Op::Cancel(index) if !model.timers.is_empty() => {
                    model.cancel(index.index(model.timers.len()));
                }
                Op::Cancel(_) => {}
                Op::Advance(moment) => model.advance(moment.after(model.now)),
                Op::Step(moment) => {
                    let target = moment.after(model.now);
                    model.now = target;
                    let _ = model.step(target);
                }
                Op::Late(ticks) => {
                    let base = model.wheel.base();
                    let target = base.saturating_sub(ticks);
                    let _ = model.step(target);
                }
            }
        }
        model.advance(Ticks::MAX);
        assert!(model.pending.is_empty());
    }
}

fn cases() -> u32 {
    if pintle_core::model::full() {
        4_000
    } else {
        400
    }
}

#[test]
fn each_level_boundary() {
    for level in 1..LEVELS {
        let boundary = 1 << (6 * level);
        for start in [0, 1, boundary - 2, boundary - 1, boundary, boundary + 1] {
            let mut model = Model::new();
            model.advance(start);
            for deadline in [
                boundary - 1,
                boundary,
                boundary + 1,
                boundary + 64,
                Ticks::MAX,
            ] {
                model.arm(deadline);
            }
            for target in [
                boundary - 1,
                boundary,
                boundary + 1,
                boundary + 63,
                boundary + 64,
            ] {
                model.advance(target);
            }
            assert_eq!(model.pending.len(), 1);
            model.advance(Ticks::MAX);
            assert_eq!(model.pending.len(), 0);
        }
    }
}

#[test]
fn a_long_idle_is_not_walked() {
    let mut model = Model::new();
    model.arm(Ticks::MAX);
    model.arm(Ticks::MAX / 2);
    let mut expired = Expired::new();
    // One stay under the lock is at most `MOVES` moves, so this would not suffice for a walk.
    let progress = model.wheel.advance(Ticks::MAX / 2 - 1, &mut expired);
    assert_eq!((progress, expired.len()), (Progress::Drained, 0));
    model.advance(Ticks::MAX - 1);
    assert_eq!(model.pending.len(), 1);
    model.advance(Ticks::MAX);
}

#[test]
fn a_stay_under_the_lock_is_bounded() {
    let mut model = Model::new();
    // All in one slot of a high level, none of them due when it is opened.
    (0..200).for_each(|i| model.arm((1 << 30) + 1 + i));
    let mut steps = 0;
    while model.step(1 << 30) == Progress::More {
        steps += 1;
        // Whatever others do in between is fine.
        model.cancel(3 * steps);
        model.arm((1 << 30) + 7);
    }
    assert!(steps >= 3);
    model.advance((1 << 30) + 200);
    assert!(model.pending.is_empty());
}

#[test]
fn a_slot_that_was_left_is_not_named_again() {
    // 21 timers: `check` leaves what is known of the earliest deadline as it was.
    let mut model = Model::new();
    (0..19).for_each(|_| model.arm(100));
    model.arm(1000);
    model.arm(1001);
    model.cancel(0);
    assert_eq!(model.wheel.soonest(2), Some(64));
    assert_eq!(model.wheel.soonest, Soonest::NotBefore(64));
    (1..19).for_each(|index| model.cancel(index));
    assert_eq!(model.wheel.soonest(1), Some(64));
    model.advance(200);
    assert_eq!(model.wheel.soonest(1), Some(960));
    assert_eq!(model.wheel.soonest(usize::MAX), Some(1000));
}

#[test]
fn cancelling_what_is_left_of_a_far_ring() {
    let far = 1 << 36;
    let mut model = Model::new();
    (0..100).for_each(|_| model.arm(3 * far));
    // Some have moved to the level's other ring, none was due; the rest leaves.
    assert_eq!(model.step(far), Progress::More);
    (0..100)
        .rev()
        .take(60)
        .for_each(|index| model.cancel(index));
    model.advance(3 * far - 1);
    assert_eq!(model.pending.len(), 40);
    model.advance(3 * far);
    assert_eq!(model.pending.len(), 0);
}

#[test]
fn a_batch_whose_waker_panics_wakes_the_others() {
    struct Panics;
    impl Wake for Panics {
        fn wake(self: Arc<Self>) {
            panic!("on purpose");
        }
    }
    let count = Arc::new(Count::default());
    let mut expired = Expired::new();
    expired.push(count.clone().into());
    expired.push(Arc::new(Panics).into());
    expired.push(count.clone().into());
    let panic = std::panic::catch_unwind(std::panic::AssertUnwindSafe(move || expired.wake()));
    assert!(panic.is_err());
    assert_eq!(count.0.load(Relaxed), 2);
}
