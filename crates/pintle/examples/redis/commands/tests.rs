//! The commands by their replies. What Redis replies is compared with the real
//! server in `tests/redis`; here is what that cannot show.

use super::{COMMANDS, Call, Flow, execute};
use crate::config::Settings;
use crate::pubsub::Session;
use crate::resp::Decoder;
use crate::server::Server;

/// Executes inline commands, in one batch; their replies in a row.
fn replies(server: &Server, lines: &str) -> String {
    let mut input = lines.as_bytes().to_vec();
    let mut decoder = Decoder::default();
    decoder
        .decode(&mut input, 1 << 20)
        .expect("inline commands");
    let mut out = Vec::new();
    let mut session = Session::default();
    server.store.with(|db| {
        for frame in 0..decoder.frames() {
            let args = decoder.frame(frame, &input);
            execute(Call {
                args,
                db,
                out: &mut out,
                server,
                session: &mut session,
            });
        }
    });
    String::from_utf8(out).expect("text")
}

#[test]
fn the_table_is_sorted_and_its_names_fit_the_search() {
    assert!(COMMANDS.is_sorted_by_key(|command| command.name));
    for command in &COMMANDS {
        let upper = command.name.to_ascii_uppercase();
        let found = super::table::find(upper.as_bytes()).map(|found| found.name);
        assert_eq!(found, Some(command.name));
    }
    for unknown in ["", "nosuch", "averylongcommandname", "set\0"] {
        assert!(super::table::find(unknown.as_bytes()).is_none());
    }
}

#[test]
fn every_command_survives_every_number_of_arguments() {
    let server = Server::new(0, 1, Settings::DEFAULT);
    for command in &COMMANDS {
        for args in 0..6 {
            for arg in [" 0", " -1", " x", " 9223372036854775807", " nx"] {
                let line = format!("{}{}\n", command.name, arg.repeat(args));
                let reply = replies(&server, &line);
                // Only BLPOP owes its reply.
                assert!(reply.ends_with("\r\n") || command.name == "blpop", "{line}");
            }
        }
    }
}

#[test]
fn lrange_takes_any_range() {
    let server = Server::new(0, 1, Settings::DEFAULT);
    replies(&server, "rpush l a b c\n");
    for (range, elements) in [
        ("0 -1", "abc"),
        ("-100 100", "abc"),
        ("1 1", "b"),
        ("-2 -1", "bc"),
        ("2 1", ""),
        ("5 9", ""),
        ("0 -4", ""),
        ("-9223372036854775808 9223372036854775807", "abc"),
        ("9223372036854775807 -9223372036854775808", ""),
    ] {
        let reply = replies(&server, &format!("lrange l {range}\n"));
        let found: String = reply.split("\r\n").skip(2).step_by(2).collect();
        assert_eq!(found, elements, "{range}");
        assert!(
            reply.starts_with(&format!("*{}\r\n", elements.len())),
            "{range}"
        );
    }
}

#[test]
fn quit_closes_and_config_set_configures() {
    let server = Server::new(0, 1, Settings::DEFAULT);
    let mut flows = Vec::new();
    for line in [
        "quit\n",
        "config set timeout 5 maxclients 7\n",
        "config set timeout x\n",
        "post /\n",
    ] {
        let mut input = line.as_bytes().to_vec();
        let mut decoder = Decoder::default();
        decoder
            .decode(&mut input, 1 << 20)
            .expect("an inline command");
        let args = decoder.frame(0, &input);
        let mut out = Vec::new();
        flows.push(server.store.with(|db| {
            execute(Call {
                args,
                db,
                out: &mut out,
                server: &server,
                session: &mut Session::default(),
            })
        }));
    }
    assert!(matches!(flows[0], Flow::Close));
    let Flow::Configure(changes) = &flows[1] else {
        panic!("nothing to configure");
    };
    crate::runtime::block_on(server.configure(changes));
    assert_eq!(server.config.get().timeout, 5);
    assert_eq!(server.config.get().maxclients, 7);
    assert!(matches!(flows[2], Flow::Next));
    assert!(matches!(flows[3], Flow::Close));
}

#[test]
fn info_shows_the_sections_asked_for() {
    let server = Server::new(6379, 2, Settings::DEFAULT);
    let all = replies(&server, "info\n");
    for line in [
        "# Server",
        "tcp_port:6379",
        "# pintle_task",
        "# pintle_rcu",
        "# Keyspace",
    ] {
        assert!(all.contains(line), "{line}");
    }
    let one = replies(&server, "info PINTLE_time\n");
    assert!(one.contains("# pintle_time\r\nsleeps_armed:"));
    assert!(!one.contains("# Server"));
}
