mod util;
use pintle_intrusive::{SortedList, SortedListIter, Stack, TransferStack};
use util::{InBox, InRc, InRcAndSaysSo, Node, is_send, is_sync};

fn main() {
    is_send::<TransferStack<Node<InBox>>>();
    is_sync::<TransferStack<Node<InBox>>>();
    is_send::<Stack<Node<InBox>>>();
    is_sync::<Stack<Node<InBox>>>();
    is_send::<SortedList<Node<InBox>>>();
    is_sync::<SortedList<Node<InBox>>>();
    is_send::<SortedListIter<'_, Node<InBox>>>();
    // By point 5 of the contract, as a list.
    is_send::<Stack<Node<InRc>>>();
    // Who keeps it on its thread may use all.
    let _ = (
        TransferStack::<Node<InRc>>::new(),
        Stack::<Node<InRcAndSaysSo>>::new(),
        SortedList::<Node<InRcAndSaysSo>>::new_with_cmp(|a, b| a.n.cmp(&b.n)),
    );
}
