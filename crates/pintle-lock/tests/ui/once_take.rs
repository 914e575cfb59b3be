use pintle_lock::blocking::OnceLock;

fn main() {
    let mut once = OnceLock::from(String::new());
    let value = once.get();
    drop(once.take());
    println!("{value:?}");
}
