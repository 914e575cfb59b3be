// What the macro's code does to a thread's slot, others may not do without saying `unsafe`.
use pintle_rcu::{Global, Scope, thread::{Exit, Threads}};

fn main() {
    Global::set(core::ptr::null());
    drop(Exit::<Global>::new());
    Global::part(Global::slot());
}
