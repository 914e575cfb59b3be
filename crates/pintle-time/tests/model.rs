//! A timer against a sorted map: random sleeps, cancels and clock jumps over every boundary.

mod support;

use std::collections::BTreeMap;
use std::pin::Pin;
use std::sync::Arc;
use std::task::Poll;

use pintle_core::model::full;
use pintle_lock::blocking::DefaultMutex;
use pintle_time::{Clock, Duration, Instant, Sleep, Timer};
use proptest::prelude::*;
use support::{Count, now, poll, set_now};

/// Ticks of 1 ns, so that an `Instant` tells them exactly.
const TICK: Duration = Duration::from_nanos(1);

#[derive(Clone, Copy, Debug)]
enum Span {
    Short(u64),
    /// Up to a multiple of a power of two, and a little.
    Boundary(u32, i64),
    /// A power of two, and a little.
    Power(u32, i64),
    /// Up to the end of `u64`, less a little.
    End(u64),
}

impl Span {
    fn ticks(self) -> u64 {
        match self {
            Self::Short(ticks) => ticks,
            Self::Boundary(shift, delta) => {
                let boundary = (now() >> shift)
                    .saturating_add(1)
                    .saturating_mul(1 << shift);
                (boundary - now()).saturating_add_signed(delta)
            }
            Self::Power(shift, delta) => (1_u64 << shift).saturating_add_signed(delta),
            Self::End(less) => (u64::MAX - now()).saturating_sub(less),
        }
    }
}

fn span() -> impl Strategy<Value = Span> {
    // The levels' widths, and 2^32.
    let shift = prop_oneof![
        Just(6_u32),
        Just(12),
        Just(18),
        Just(24),
        Just(30),
        Just(32),
        Just(36),
        Just(42),
        Just(48),
        Just(54),
        Just(60),
        0..63_u32
    ];
    prop_oneof![
        4 => (0..300_u64).prop_map(Span::Short),
        3 => (shift.clone(), -2..3_i64).prop_map(|(shift, delta)| Span::Boundary(shift, delta)),
        3 => (shift, -2..3_i64).prop_map(|(shift, delta)| Span::Power(shift, delta)),
        1 => (0..3_u64).prop_map(Span::End),
    ]
}

#[derive(Clone, Debug)]
enum Op {
    /// Makes and polls a sleep.
    Arm(Span),
    /// Makes a sleep by its duration, which counts one tick more.
    ArmFor(Span),
    /// Makes as many at once.
    ArmMany(Span, usize),
    /// Drops a sleep in whatever state it is.
    Drop(prop::sample::Index),
    /// Polls a sleep with another waker.
    Repoll(prop::sample::Index),
    /// Sets another deadline, in whatever state the sleep is.
    Reset(prop::sample::Index, Span),
    /// The same by a moment.
    ResetTo(prop::sample::Index, Span),
    /// Moves the clock and turns.
    Turn(Span),
    /// Moves the clock and tells the turn.
    TurnTo(Span),
    /// Moves the clock and turns as an interrupt would.
    TryTurn(Span),
    /// Moves the clock only: sleeps may find out by being polled.
    Go(Span),
}

fn op() -> impl Strategy<Value = Op> {
    prop_oneof![
        8 => span().prop_map(Op::Arm),
        2 => span().prop_map(Op::ArmFor),
        1 => (span(), 1..80_usize).prop_map(|(span, n)| Op::ArmMany(span, n)),
        4 => any::<prop::sample::Index>().prop_map(Op::Drop),
        2 => any::<prop::sample::Index>().prop_map(Op::Repoll),
        4 => (any::<prop::sample::Index>(), span()).prop_map(|(index, to)| Op::Reset(index, to)),
        2 => (any::<prop::sample::Index>(), span()).prop_map(|(index, to)| Op::ResetTo(index, to)),
        4 => span().prop_map(Op::Turn),
        1 => span().prop_map(Op::TurnTo),
        1 => span().prop_map(Op::TryTurn),
        1 => span().prop_map(Op::Go),
    ]
}

struct Armed<'timer> {
    sleep: Pin<Box<Sleep<'timer>>>,
    deadline: u64,
    count: Arc<Count>,
}

struct World<'timer> {
    timer: &'timer Timer,
    /// By a serial number; those that are pending or done, but not dropped.
    sleeps: BTreeMap<usize, Armed<'timer>>,
    /// The model: what must fire, by its deadline.
    pending: BTreeMap<(u64, usize), Arc<Count>>,
    /// Whether so many sleeps were pending that a turn may have given up looking for the earliest,
    /// or the earliest has gone, which a turn that has nothing to do does not find out.
    crowded: bool,
    serial: usize,
}

impl<'timer> World<'timer> {
    fn arm(&mut self, sleep: Sleep<'timer>, ticks: u64) {
        let deadline = now().saturating_add(ticks);
        let count = Count::new();
        let mut sleep = Box::pin(sleep);
        assert_eq!(instant(deadline), Some(sleep.deadline()));
        let ready = poll(sleep.as_mut(), count.clone()).is_ready();
        assert_eq!(
            ready,
            ticks == 0 || deadline == now(),
            "{ticks} ticks from {}",
            now()
        );
        if !ready {
            self.pending.insert((deadline, self.serial), count.clone());
            self.crowded |= self.pending.len() > 16;
        }
        self.sleeps.insert(
            self.serial,
            Armed {
                sleep,
                deadline,
                count,
            },
        );
        self.serial += 1;
    }

    fn pick(&self, index: &prop::sample::Index) -> Option<usize> {
        let keys = self.sleeps.len();
        (keys > 0).then(|| *self.sleeps.keys().nth(index.index(keys)).unwrap())
    }

    fn leaves(&self, armed: &Armed<'_>, serial: usize) -> bool {
        self.pending.contains_key(&(armed.deadline, serial))
    }

    fn drop_one(&mut self, serial: usize) {
        let armed = self.sleeps.remove(&serial).unwrap();
        self.crowded |= self.leaves(&armed, serial);
        self.pending.remove(&(armed.deadline, serial));
        drop(armed.sleep);
        assert_eq!(
            Arc::strong_count(&armed.count),
            1,
            "a waker was left behind"
        );
    }

    fn repoll(&mut self, serial: usize) {
        let armed = self.sleeps.get_mut(&serial).unwrap();
        let old = std::mem::replace(&mut armed.count, Count::new());
        let ready = poll(armed.sleep.as_mut(), armed.count.clone()).is_ready();
        assert_eq!(ready, now() >= armed.deadline);
        assert_eq!(ready, armed.sleep.is_elapsed());
        let pending = self.pending.remove(&(armed.deadline, serial));
        self.crowded |= ready;
        if !ready {
            assert!(pending.is_some());
            self.pending
                .insert((armed.deadline, serial), armed.count.clone());
        }
        drop(pending);
        assert_eq!(Arc::strong_count(&old), 1, "the old waker was left behind");
    }

    fn reset(&mut self, serial: usize, ticks: u64, set: impl FnOnce(Pin<&mut Sleep<'_>>)) {
        let armed = self.sleeps.get_mut(&serial).unwrap();
        let was_pending = self.pending.remove(&(armed.deadline, serial)).is_some();
        // It may have been fired, which did not tell its count until now.
        let woken = armed.count.get();
        set(armed.sleep.as_mut());
        armed.deadline = now().saturating_add(ticks);
        let passed = armed.deadline <= now();
        assert_eq!(instant(armed.deadline), Some(armed.sleep.deadline()));
        assert_eq!(armed.sleep.is_elapsed(), passed);
        self.crowded |= was_pending;
        if was_pending && passed {
            assert_eq!(armed.count.get(), woken + 1);
        } else if was_pending {
            // It goes on waiting, with the waker it had.
            assert_eq!(armed.count.get(), woken);
            self.pending
                .insert((armed.deadline, serial), armed.count.clone());
        } else {
            // It starts with the next poll.
            armed.count = Count::new();
            let ready = poll(armed.sleep.as_mut(), armed.count.clone()).is_ready();
            assert_eq!(ready, passed);
            if !ready {
                self.pending
                    .insert((armed.deadline, serial), armed.count.clone());
            }
        }
        self.crowded |= self.pending.len() > 16;
    }

    fn turn(&mut self, turn: pintle_time::Turn) {
        assert_eq!(turn.now, now());
        let (due, later): (BTreeMap<_, _>, BTreeMap<_, _>) = std::mem::take(&mut self.pending)
            .into_iter()
            .partition(|&((deadline, _), _)| deadline <= now());
        assert_eq!(turn.expired, due.len());
        for count in due.values() {
            assert_eq!(count.get(), 1);
        }
        for count in later.values() {
            assert_eq!(count.get(), 0);
        }
        self.pending = later;

        let next = self
            .pending
            .keys()
            .next()
            .map(|&(deadline, _)| deadline - now());
        assert_eq!(turn.has_remaining(), next.is_some());
        assert!(turn.ticks_to_next_deadline() <= next);
        assert_eq!(turn.ticks_to_next_deadline().is_some(), next.is_some());
        if self.pending.is_empty() {
            self.crowded = false;
        }
        // On smaller targets, what is far ahead has no place in a word.
        if !self.crowded && cfg!(target_pointer_width = "64") {
            assert_eq!(turn.ticks_to_next_deadline(), next);
        }
    }

    fn check(&self) {
        let next = self
            .pending
            .keys()
            .next()
            .and_then(|&(deadline, _)| instant(deadline));
        assert_eq!(self.timer.next_deadline(), next);
    }
}

fn instant(ticks: u64) -> Option<Instant> {
    static ZERO: Timer = Timer::new(Clock::new(TICK, || 0));
    ZERO.now().checked_add(Duration::from_nanos(ticks))
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: if full() { 10_000 } else { 500 },
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn each_sleep_fires_in_the_first_turn_at_or_past_its_deadline(
        start in prop_oneof![Just(0_u64), any::<u64>()],
        slots in prop_oneof![2 => Just(0), 2 => 1..12_u32, 1 => 12..33_u32],
        ask in any::<bool>(),
        ops in prop::collection::vec(op(), 1..100),
    ) {
        set_now(start);
        let clock = Clock::new(TICK, now);
        let timer = Timer::new_with_slots(clock, DefaultMutex::new(), 1 << slots);
        let mut world = World {
            timer: &timer,
            sleeps: BTreeMap::new(),
            pending: BTreeMap::new(),
            crowded: false,
            serial: 0,
        };
        for op in ops {
            match op {
                Op::Arm(span) => world.arm(timer.sleep_ticks(span.ticks()), span.ticks()),
                Op::ArmFor(span) => {
                    let nanos = span.ticks();
                    let ticks = if nanos == 0 { 0 } else { nanos.saturating_add(1) };
                    world.arm(timer.sleep(Duration::from_nanos(nanos)), ticks);
                }
                Op::ArmMany(span, n) => {
                    for _ in 0..n {
                        world.arm(timer.sleep_ticks(span.ticks()), span.ticks());
                    }
                }
                Op::Drop(index) => {
                    if let Some(serial) = world.pick(&index) {
                        world.drop_one(serial);
                    }
                }
                Op::Repoll(index) => {
                    if let Some(serial) = world.pick(&index) {
                        world.repoll(serial);
                    }
                }
                Op::Reset(index, span) => {
                    if let Some(serial) = world.pick(&index) {
                        let ticks = span.ticks();
                        world.reset(serial, ticks, |sleep| sleep.reset_ticks(ticks));
                    }
                }
                Op::ResetTo(index, span) => {
                    if let Some(serial) = world.pick(&index) {
                        let ticks = span.ticks().min(u64::MAX - now());
                        let to = instant(now() + ticks).unwrap();
                        world.reset(serial, ticks, |sleep| sleep.reset(to));
                    }
                }
                Op::TurnTo(span) => {
                    set_now(now().saturating_add(span.ticks()));
                    world.turn(timer.turn_to(now()));
                }
                Op::Turn(span) => {
                    set_now(now().saturating_add(span.ticks()));
                    world.turn(timer.turn());
                }
                Op::TryTurn(span) => {
                    set_now(now().saturating_add(span.ticks()));
                    world.turn(timer.try_turn().expect("nobody holds the lock"));
                }
                Op::Go(span) => set_now(now().saturating_add(span.ticks())),
            }
            if ask {
                world.check();
            }
        }
        set_now(u64::MAX);
        world.turn(timer.turn());
        prop_assert!(world.pending.is_empty());
        prop_assert_eq!(timer.next_deadline(), None);
        for (_, mut armed) in world.sleeps {
            prop_assert_eq!(poll(armed.sleep.as_mut(), armed.count.clone()), Poll::Ready(()));
        }
    }
}
