//! Every command through `redis-cli`, as people use it.

use std::io::Write;
use std::process::{Command, Stdio};

use crate::process::{Server, tool};

/// A session: what is typed, and what is shown.
const SESSION: &[(&str, &str)] = &[
    ("PING", "PONG"),
    ("ping hello", "\"hello\""),
    ("ECHO \"a b\"", "\"a b\""),
    ("SET k v", "OK"),
    ("GET k", "\"v\""),
    ("GET none", "(nil)"),
    ("SET k w NX", "(nil)"),
    ("SET k w XX EX 100", "OK"),
    ("TTL k", "(integer) 100"),
    ("SET p v PX 100000", "OK"),
    ("TTL p", "(integer) 100"),
    ("EXISTS k p none k", "(integer) 3"),
    ("DEL k none", "(integer) 1"),
    ("INCR n", "(integer) 1"),
    ("INCR n", "(integer) 2"),
    ("EXPIRE n 50", "(integer) 1"),
    ("TTL n", "(integer) 50"),
    ("PEXPIRE n 40000", "(integer) 1"),
    ("TTL n", "(integer) 40"),
    ("PERSIST n", "(integer) 1"),
    ("PTTL n", "(integer) -1"),
    ("TTL none", "(integer) -2"),
    ("MSET a 1 b 2", "OK"),
    ("MGET a b none", "1) \"1\"\n2) \"2\"\n3) (nil)"),
    ("RPUSH l x y z", "(integer) 3"),
    ("LPUSH l w", "(integer) 4"),
    ("LLEN l", "(integer) 4"),
    ("LRANGE l 0 -1", "1) \"w\"\n2) \"x\"\n3) \"y\"\n4) \"z\""),
    ("LPOP l", "\"w\""),
    ("RPOP l", "\"z\""),
    ("BLPOP none l 1", "1) \"l\"\n2) \"x\""),
    ("LPOP l 5", "1) \"y\""),
    ("LLEN l", "(integer) 0"),
    ("DBSIZE", "(integer) 4"),
    ("CONFIG SET timeout 300 maxclients 500", "OK"),
    (
        "CONFIG GET timeout maxclients",
        "1) \"maxclients\"\n2) \"500\"\n3) \"timeout\"\n4) \"300\"",
    ),
    ("COMMAND COUNT", "(integer) 33"),
    ("COMMAND INFO nosuch", "1) (nil)"),
    ("PUBLISH nobody hello", "(integer) 0"),
    ("PUBSUB CHANNELS", "(empty array)"),
    ("PUBSUB NUMSUB nobody", "1) \"nobody\"\n2) (integer) 0"),
    ("SELECT 0", "OK"),
    (
        "NOSUCH x",
        "(error) ERR unknown command 'NOSUCH', with args beginning with: 'x' ",
    ),
    ("FLUSHALL", "OK"),
    ("DBSIZE", "(integer) 0"),
];

#[test]
fn every_command_through_redis_cli() {
    let Some(cli) = tool("redis-cli") else {
        return;
    };
    let server = Server::start();
    // In one go: between EXPIRE and TTL no time must pass.
    let typed: Vec<&str> = SESSION.iter().map(|(typed, _)| *typed).collect();
    let mut printed = run(&server, &cli, &typed.join("\n"));
    for (typed, shown) in SESSION {
        let Some(rest) = printed.strip_prefix(shown) else {
            panic!("{typed} shows, instead of {shown}: {printed}");
        };
        printed = rest.trim_start_matches('\n').to_owned();
    }
    assert_eq!(printed, "");
    // What an interactive session asks first, in the shapes that it accepts.
    let docs = run(&server, &cli, "COMMAND DOCS get blpop");
    assert!(docs.contains("Returns the string value of a key"), "{docs}");
    let all = run(&server, &cli, "COMMAND");
    assert!(all.contains("\"lrange\""), "{all}");
    let info = run(&server, &cli, "INFO");
    for line in [
        "redis_version:7",
        "# pintle_task",
        "# pintle_rcu",
        "grace_periods:1",
    ] {
        assert!(info.contains(line), "{line} is not in\n{info}");
    }
}

fn run(server: &Server, cli: &std::path::Path, line: &str) -> String {
    let mut cli = Command::new(cli)
        .args([
            "-h",
            "127.0.0.1",
            "-p",
            &server.port.to_string(),
            "--no-raw",
        ])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("redis-cli runs");
    let mut typed = cli.stdin.take().expect("piped");
    writeln!(typed, "{line}").expect("redis-cli reads");
    drop(typed);
    let output = cli.wait_with_output().expect("redis-cli ends");
    assert!(output.status.success(), "{line}");
    String::from_utf8(output.stdout).expect("text")
}
