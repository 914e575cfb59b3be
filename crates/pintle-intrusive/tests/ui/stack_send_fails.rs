//! Defect 2 of tests/defects.rs: what must stay on its thread crosses by no stack.

mod util;
use pintle_intrusive::{SortedList, Stack, TransferStack};
use util::{InRc, InRcAndSaysSo, Node, is_send, is_sync};

fn main() {
    // The transfer stack asks the handle itself.
    is_send::<TransferStack<Node<InRc>>>();
    is_sync::<TransferStack<Node<InRc>>>();
    // The others believe the node.
    is_send::<Stack<Node<InRcAndSaysSo>>>();
    is_send::<SortedList<Node<InRcAndSaysSo>>>();
    is_sync::<SortedList<Node<InRcAndSaysSo>>>();
}
