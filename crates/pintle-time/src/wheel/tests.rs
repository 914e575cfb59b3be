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
    /// When a driver will come, that asks only then, or when something earlier is filed.
    alarm: Ticks,
}

impl Model {
    fn new(shift: u32) -> Self {
        Self {
            wheel: Box::new(Wheel::new(shift)),
            timers: vec![],
            pending: BTreeSet::new(),
            now: 0,
            alarm: Ticks::MAX,
        }
    }

    fn arm(&mut self, deadline: Ticks) {
        let count = Arc::new(Count::default());
        let timer = Timer {
            entry: Box::pin(Entry::new(deadline)),
            count: count.clone(),
        };
        let now = self.now;
        // SAFETY: the entry is idle and new, and removed from the wheel when the model is dropped.
        let filing = unsafe { self.wheel.insert(timer.ptr(), now) };
        assert_eq!(filing == Filing::Passed, deadline <= self.wheel.base());
        if filing == Filing::Passed {
            assert_eq!(timer.entry.phase(), Phase::Done);
        } else {
            // SAFETY: we have the wheel for ourselves.
            assert!(unsafe { timer.entry.waker().replace(count.into()) }.is_none());
            self.pending.insert((deadline, self.timers.len()));
            assert_eq!(timer.entry.phase(), Phase::Armed);
            self.hear(filing);
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
        let removed = unsafe { self.wheel.remove(timer.ptr()) };
        assert_eq!(removed, was_pending, "cancel {index}");
        if removed {
            // SAFETY: it was armed, and is in no ring.
            drop(unsafe { Entry::disarm(timer.ptr()) });
        }
        self.check();
    }

    fn reset(&mut self, index: usize, deadline: Ticks) {
        let (timer, now) = (&self.timers[index], self.now);
        let was_pending = self.pending.remove(&(timer.entry.deadline(), index));
        let passed = deadline <= now || deadline <= self.wheel.base();
        // SAFETY: the entry was given to this wheel, and is ours.
        let filing = unsafe { self.wheel.reset(timer.ptr(), deadline, now) };
        assert_eq!(filing.is_some(), was_pending);
        match filing {
            None => assert_eq!(timer.entry.phase(), Phase::Done),
            Some(Filing::Passed) => {
                assert!(passed);
                // SAFETY: it was armed, and is in no ring.
                assert!(unsafe { Entry::disarm(timer.ptr()) }.is_some());
            }
            Some(filing) => {
                assert!(!passed);
                self.pending.insert((deadline, index));
                self.hear(filing);
            }
        }
        self.check();
    }

    fn hear(&mut self, filing: Filing) {
        if filing == Filing::Earliest {
            self.ask(usize::MAX);
        }
    }

    /// A driver sets its alarm by what it is told.
    fn ask(&mut self, patience: usize) {
        self.alarm = self.wheel.soonest(patience).unwrap_or(Ticks::MAX);
    }

    fn truth(&self) -> Option<Ticks> {
        self.pending.first().map(|&(deadline, _)| deadline)
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
        // As a turn does.
        self.ask(1);
        assert!(self.wheel.base() <= self.now);
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
                if is_near(place.level()) {
                    let bit = wheel.occupied[place.level() - 1] >> place.slot() & 1 == 1;
                    assert_eq!(bit, !ring.is_empty(), "{place:?}");
                } else if place != wheel.active(place.level()) {
                    assert!(ring.is_empty());
                }
            }
            for entry in ring.iter() {
                seen += 1;
                assert_eq!(entry.armed_at(), Some(place));
                if !draining {
                    assert!(wheel.base < entry.deadline());
                    assert_eq!(wheel.place_of(entry.deadline()), place);
                }
            }
        }
        for level in 0..LEVELS {
            let occupied = if is_near(level) {
                wheel.occupied[level - 1] != 0
            } else {
                !wheel.rings[wheel.active(level).index()].is_empty()
            };
            assert_eq!(wheel.levels >> level & 1 == 1, occupied, "level {level}");
        }
        assert_eq!(seen, self.pending.len());
        assert_eq!(wheel.len(), seen);
        assert!(seen > 0 || wheel.draining.is_none());
        let idle = wheel.draining.is_none();
        assert!(!idle || seen == 0 || wheel.bound > wheel.base);

        let truth = self.truth();
        let came = self.alarm <= self.now;
        assert!(came || truth.is_none_or(|truth| self.alarm <= truth));
        let horizon = self.wheel.horizon();
        assert_eq!(horizon.is_some(), truth.is_some());
        // Who looks from without must find that a slot is half drained.
        let first = truth.map(|it| if idle { it } else { wheel.base });
        assert!(horizon <= first, "{horizon:?} is after {first:?}");
        if idle && self.wheel.known == Known::Exact {
            assert_eq!(Some(self.wheel.bound), truth);
        }
        let known = (self.wheel.bound, self.wheel.known);
        let hint = self.wheel.soonest(2);
        assert_eq!(hint.is_some(), truth.is_some());
        let overdue = hint == Some(self.wheel.base) && !idle;
        assert!(hint <= truth || overdue, "{hint:?} is after {truth:?}");
        assert!(!idle || hint >= horizon);
        // A driver that was told "now" would turn again and again.
        assert!(!idle || hint.is_none_or(|hint| hint > self.wheel.base));
        assert_eq!(self.wheel.soonest(usize::MAX), truth);
        // To ask changes what is known, and who asks is an operation.
        (self.wheel.bound, self.wheel.known) = known;
    }
}

impl Drop for Model {
    fn drop(&mut self) {
        for timer in &self.timers {
            // SAFETY: the entry was given to this wheel.
            if unsafe { self.wheel.remove(timer.ptr()) } {
                // SAFETY: it was armed, and is in no ring.
                drop(unsafe { Entry::disarm(timer.ptr()) });
            }
        }
        assert!(std::thread::panicking() || self.wheel.len() == 0);
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
    Reset(prop::sample::Index, Moment),
    Advance(Moment),
    /// One stay under the lock only; later operations meet a slot half drained.
    Step(Moment),
    /// A turn whose clock reading was overtaken.
    Late(u64),
    /// A driver asks, and looks at so many.
    Ask(usize),
}

fn op() -> impl Strategy<Value = Op> {
    prop_oneof![
        8 => moment().prop_map(Op::Arm),
        1 => (moment(), 1..100_usize).prop_map(|(moment, n)| Op::ArmMany(moment, n)),
        3 => any::<prop::sample::Index>().prop_map(Op::Cancel),
        3 => (any::<prop::sample::Index>(), moment()).prop_map(|(index, to)| Op::Reset(index, to)),
        3 => moment().prop_map(Op::Advance),
        2 => moment().prop_map(Op::Step),
        1 => (0..100_u64).prop_map(Op::Late),
        3 => prop_oneof![Just(usize::MAX), 0..4_usize].prop_map(Op::Ask),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(), failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn behaves_like_a_sorted_set(
        shift in prop_oneof![2 => Just(0), 2 => 1..16_u32, 1 => 16..33_u32],
        ops in prop::collection::vec(op(), 1..80),
    ) {
        let mut model = Model::new(shift);
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
                Op::Reset(index, moment) if !model.timers.is_empty() => {
                    let deadline = moment.after(model.now);
                    model.reset(index.index(model.timers.len()), deadline);
                }
                Op::Cancel(_) | Op::Reset(..) => {}
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
                Op::Ask(patience) => model.ask(patience),
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
    let boundaries = (1..LEVELS - 1).map(|level| 1 << (6 * level));
    let shifts = [0, 1, 6, 9, 32];
    for (boundary, shift) in boundaries.flat_map(|it| shifts.map(|shift| (it, shift))) {
        for start in [0, 1, boundary - 2, boundary - 1, boundary, boundary + 1] {
            let mut model = Model::new(shift);
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
    let mut model = Model::new(0);
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
    let mut model = Model::new(0);
    // All in one slot of a high level, one of them due when it is opened.
    (0..200).for_each(|i| model.arm((1 << 30) + 1 + i));
    let mut steps = 0;
    model.now = (1 << 30) + 1;
    while model.step((1 << 30) + 1) == Progress::More {
        steps += 1;
        // Whatever others do in between is fine.
        model.cancel(3 * steps);
        model.arm((1 << 30) + 7 + steps as Ticks);
    }
    assert!(steps >= 3);
    model.advance((1 << 30) + 200);
    assert!(model.pending.is_empty());
}

#[test]
fn what_is_filed_while_a_slot_is_drained_may_not_be_the_earliest() {
    let mut model = Model::new(0);
    (0..=Expired::CAPACITY).for_each(|_| model.arm(10));
    model.arm(20);
    model.now = 10;
    assert_eq!(model.step(10), Progress::More);
    model.arm(30);
    assert_eq!(model.step(10), Progress::Drained);
    assert_eq!(model.wheel.horizon(), Some(20));
}

#[test]
fn a_slot_that_was_left_is_not_named_again() {
    let mut model = Model::new(0);
    (0..19).for_each(|_| model.arm(100));
    model.arm(1000);
    model.arm(1001);
    model.cancel(0);
    // What was exact a moment ago is a bound at least.
    assert_eq!(model.wheel.soonest(2), Some(100));
    assert_eq!(model.wheel.known, Known::Sought);
    (1..19).for_each(|index| model.cancel(index));
    assert_eq!(model.wheel.soonest(1), Some(100));
    model.advance(200);
    assert_eq!(model.wheel.soonest(1), Some(960));
    assert_eq!(model.wheel.soonest(usize::MAX), Some(1000));
}

#[test]
fn cancelling_what_is_left_of_a_far_ring() {
    let far = 1 << 36;
    let mut model = Model::new(0);
    model.arm(far);
    (0..100).for_each(|_| model.arm(3 * far));
    model.now = far;
    // Some have moved to the level's other ring, one was due; the rest leaves.
    assert_eq!(model.step(far), Progress::More);
    (1..101)
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
