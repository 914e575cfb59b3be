use pintle_rcu::{RcuCell, global};

fn main() {
    let cell = RcuCell::new(1);
    let guard = global().enter();
    let value = cell.load(&guard);
    drop(guard);
    println!("{value}");
}
