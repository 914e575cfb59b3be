//! A shell on the serial line: a task that waits for lines.

use alloc::string::String;
use core::fmt::Display;

use pintle::time::Duration;

use crate::clock::TIMER;
use crate::serial::{Receiver, print, println};
use crate::{exit, settings, soak, worker};

const HELP: &str = "\
echo TEXT   prints it
sleep N     waits for N milliseconds
uptime      how long the kernel has been running
tasks       what the processors have done
rcu         settings that are read while they are replaced
panic       a task that panics
soak        100,000 sleeps
halt        the end";

/// Reads lines and does what they say, for ever.
pub(crate) async fn run(mut input: Receiver) {
    println!("`help` lists the commands");
    loop {
        print!("> ");
        let line = read_line(&mut input).await;
        let (command, rest) = line.split_once(' ').unwrap_or((&line, ""));
        match command {
            "" => {}
            "help" => println!("{HELP}"),
            "echo" => println!("{rest}"),
            "sleep" => sleep(rest).await,
            "uptime" => println!("{} ms", TIMER.clock().now_ticks() / 1000),
            "tasks" => tasks(),
            "rcu" => settings::run().await,
            "panic" => join_one_that_panics().await,
            "soak" => soak::run().await,
            "halt" => exit::success(),
            _ => println!("`{command}` is no command"),
        }
    }
}

/// The next line, which is echoed as it comes.
async fn read_line(input: &mut Receiver) -> String {
    let mut line = String::new();
    loop {
        let byte = input
            .recv()
            .await
            .expect("the interrupt handler's end is never dropped");
        match byte {
            b'\r' | b'\n' => {
                println!();
                return line;
            }
            // Backspace, or delete.
            0x08 | 0x7F if line.pop().is_some() => print!("\x08"),
            b' '..=b'~' => {
                line.push(char::from(byte));
                print!("{}", char::from(byte));
            }
            _ => {}
        }
    }
}

async fn sleep(millis: &str) {
    let Ok(millis) = millis.trim().parse() else {
        return println!("sleep for how many milliseconds?");
    };
    let sleeps = sleeps_of_all();
    let start = TIMER.now();
    TIMER.sleep(Duration::from_millis(millis)).await;
    let slept = TIMER.now() - start;
    println!(
        "{} ms, {}",
        slept.as_millis(),
        early(slept < Duration::from_millis(millis))
    );
    // Nothing ticks: one alarm, and few interrupts besides.
    println!("tickless: {}", yes(sleeps_of_all() - sleeps <= 16));
}

fn tasks() {
    for (id, (polls, sleeps)) in worker::counts().into_iter().enumerate() {
        println!("processor {id}: {polls} polls, {sleeps} sleeps");
    }
}

async fn join_one_that_panics() {
    let task = worker::SCHEDULER.spawn(async { panic!("a task panics") });
    match task.await {
        Err(error) if error.is_panic() => println!("{error}; the others go on"),
        other => println!("that was to panic: {other:?}"),
    }
}

fn sleeps_of_all() -> usize {
    worker::counts().iter().map(|(_, sleeps)| sleeps).sum()
}

fn early(is: bool) -> impl Display {
    if is { "early" } else { "not early" }
}

fn yes(is: bool) -> impl Display {
    if is { "yes" } else { "no" }
}
