//! 200,000 pipelined requests from 50 connections: all are answered, none is
//! lost and none done twice.

use std::process::Command;

use crate::process::{Server, tool};

#[test]
fn redis_benchmark_ends_without_an_error() {
    let Some(benchmark) = tool("redis-benchmark") else {
        return;
    };
    let server = Server::start();
    let output = Command::new(benchmark)
        .args(["-h", "127.0.0.1", "-p", &server.port.to_string()])
        .args([
            "-t",
            "get,set,incr,lpush",
            "-n",
            "50000",
            "-P",
            "16",
            "-c",
            "50",
            "-q",
        ])
        .output()
        .expect("redis-benchmark runs");
    assert!(output.status.success());
    let said = [output.stdout, output.stderr].concat();
    let said = String::from_utf8_lossy(&said);
    assert!(!said.contains("rror"), "{said}");
    assert_eq!(said.matches("requests per second").count(), 4, "{said}");

    let mut client = server.client();
    assert_eq!(
        client.text(&["GET", "counter:__rand_int__"]),
        "$5\r\n50000\r\n"
    );
    assert_eq!(client.text(&["LLEN", "mylist"]), ":50000\r\n");
    assert!(server.info("total_commands_processed") >= 200_000);
    assert_eq!(server.info("total_error_replies"), 0);
}
