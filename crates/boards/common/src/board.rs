use pintle::{
    sync::{Mutex, WaitCell},
    task::JoinHandle,
    time::{Duration, Timer, clock::Ticks},
};

use crate::{
    Console,
    soak::{Outcome, Sleeper},
};

/// A board as the tasks see it, whatever its machine.
pub struct Board {
    /// What it is called.
    pub name: &'static str,
    /// The wheel, over the board's clock.
    pub timer: &'static Timer,
    /// The longest sleep of the soak: so long that the machine has nothing to do in most of it.
    pub longest: Duration,
    /// Who wakes up so long after the time was woken by something else than the alarm: the wake-up was lost. As
    /// long as the machine may be stopped by others, if it is not alone.
    pub late: Duration,
    /// The serial line, for one task at a time.
    pub console: &'static Mutex<Console>,
    /// Spawns a task of the soak from a pool, unless the pool is full.
    pub spawn: fn(Sleeper) -> Option<JoinHandle<Outcome>>,
    /// Has an interrupt come in about so many ticks of the clock, whose handler wakes `interrupted`.
    pub interrupt_in: fn(Ticks),
    /// Who waits for that interrupt.
    pub interrupted: &'static WaitCell,
    /// How many bytes of the stack were ever used.
    pub stack_used: fn() -> usize,
    /// Ends the program, and says whether all was well.
    pub exit: fn(bool) -> !,
}
