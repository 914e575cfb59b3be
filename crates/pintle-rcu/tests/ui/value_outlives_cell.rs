use pintle_rcu::{RcuCell, global};

fn main() {
    let guard = global().enter();
    let cell = RcuCell::new(1);
    let value = cell.load(&guard);
    drop(cell);
    println!("{value}");
}
