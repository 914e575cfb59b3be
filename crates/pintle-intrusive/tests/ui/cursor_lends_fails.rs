//! Defect 1 of tests/defects.rs: what a cursor's `next` gives must end before the cursor removes it.

mod util;
use pintle_intrusive::List;
use util::{InBox, Node};

fn use_after_free(list: &mut List<Node<InBox>>) -> u32 {
    let mut cursor = list.cursor_front_mut();
    let node = cursor.next().unwrap();
    cursor.move_prev();
    drop(cursor.remove_current());
    node.n
}

fn two_at_once(list: &mut List<Node<InBox>>) -> u32 {
    let mut cursor = list.cursor_front_mut();
    let first = cursor.next().unwrap();
    cursor.move_prev();
    let again = cursor.next().unwrap();
    first.n + again.n
}

fn main() {}
