mod util;
use pintle_intrusive::{List, MpscQueue, Ring, list, mpsc_queue::Consumer};
use util::{InBox, InRc, InRcAndSaysSo, Node, is_send, is_sync};

fn main() {
    is_send::<List<Node<InBox>>>();
    is_sync::<List<Node<InBox>>>();
    is_send::<Ring<Node<InBox>>>();
    is_sync::<Ring<Node<InBox>>>();
    is_send::<list::Iter<'_, Node<InBox>>>();
    is_send::<list::IterMut<'_, Node<InBox>>>();
    is_send::<list::IntoIter<Node<InBox>>>();
    is_send::<list::Cursor<'_, Node<InBox>>>();
    is_send::<list::CursorMut<'_, Node<InBox>>>();
    is_send::<MpscQueue<Node<InBox>>>();
    is_sync::<MpscQueue<Node<InBox>>>();
    is_send::<Consumer<'_, Node<InBox>>>();
    // Lists of handles that say nothing of threads, such as `NonNull`, are what the contract's
    // point 5 is for.
    is_send::<List<Node<InRc>>>();
    // Who keeps it on its thread may use all.
    let _ = (
        List::<Node<InRcAndSaysSo>>::new(),
        Option::<MpscQueue<Node<InRc>>>::None,
    );
}
