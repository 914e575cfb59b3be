mod util;
use pintle_intrusive::List;
use util::{InBox, Node};

fn used_in_time(list: &mut List<Node<InBox>>) -> u32 {
    let mut cursor = list.cursor_front_mut();
    let node = cursor.next().unwrap();
    let n = node.n;
    cursor.move_prev();
    drop(cursor.remove_current());
    n
}

fn one_by_one(list: &mut List<Node<InBox>>) -> u32 {
    let mut cursor = list.cursor_front_mut();
    let first = cursor.next().unwrap().n;
    cursor.move_prev();
    let again = cursor.next().unwrap();
    first + again.n
}

fn main() {}
