//! A handle of functions of `&'static str` does not give functions of any `&str`.

use pintle_task::task::JoinHandle;

fn widen(handle: JoinHandle<fn(&'static str)>) -> JoinHandle<for<'a> fn(&'a str)> {
    handle
}

fn main() {
    let _ = widen;
}
