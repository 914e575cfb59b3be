//! What every board runs: tasks that sleep, share the serial line, and listen to it.

use core::fmt::Write;

use pintle::{
    sync::{mpsc, storage::Static},
    task::JoinHandle,
    time::Duration,
};

use crate::{Board, soak};

/// What comes in on the serial line, byte by byte, from an interrupt handler.
pub type Keys = mpsc::Receiver<u8, Static>;

/// How a listener says that it listens.
const PROMPT: &str = "> ";

/// Says where it is, before there are tasks.
pub fn hello(board: &Board) {
    let mut console = board.console.try_lock().expect("there are no tasks yet");
    let _ = writeln!(console, "pintle on {}", board.name);
}

/// Writes three lines, each in two parts with a pause between them, in which it keeps the line to itself.
pub async fn writer(board: &'static Board) {
    for _ in 0..3 {
        let mut console = board.console.lock().await;
        let _ = write!(console, "one task writes half a line, ");
        board.timer.sleep(Duration::from_millis(2)).await;
        let _ = writeln!(console, "sleeps, and writes the rest");
    }
}

/// Waits for the writers, listens to the serial line until somebody says `bye`, and ends with the soak.
pub async fn main(board: &'static Board, mut keys: Keys, writers: [JoinHandle<()>; 2]) {
    for writer in writers {
        let result = writer.await;
        assert!(result.is_ok(), "nobody cancels a writer");
    }
    listen(board, &mut keys).await;
    let is_well = soak::run(board).await;
    (board.exit)(is_well);
}

/// Says every line again that comes in.
async fn listen(board: &Board, keys: &mut Keys) {
    let mut line = [0; 32];
    loop {
        let mut console = board.console.lock().await;
        let _ = write!(console, "{PROMPT}");
        let mut length = 0;
        // The interrupt handler has the other end, and keeps it.
        while let Some(key) = keys.recv().await {
            if key == b'\r' {
                break;
            }
            if length < line.len() {
                line[length] = key;
                length += 1;
                let _ = write!(console, "{}", char::from(key));
            }
        }
        let heard = str::from_utf8(&line[..length]).unwrap_or("something else than text");
        let _ = writeln!(console, "\nheard: {heard}");
        if heard == "bye" {
            return;
        }
    }
}
