//! The same requests to the example and to Redis's own server: the same bytes
//! come back.

use crate::process::Server;

/// One request per line, words between spaces; `~` stands for an empty word,
/// `_` within a word for a space.
const SCRIPT: &str = "
    PING
    ping hello
    PING a b
    ECHO
    ECHO ~
    SET k v
    GET k
    get none
    GET
    GET k j
    SET k w NX
    SET k w XX
    SET none w XX
    SET k w NX XX
    SET k w XX NX
    SET k w NX NX
    SET k w EX 100
    TTL k
    SET k w
    TTL k
    SET k w PX 100000
    TTL k
    SET k w EX 10 PX 10
    SET k w EX x EX 100
    TTL k
    SET k w EX
    SET k w EX x
    SET k w EX 0
    SET k w EX -1
    SET k w PX 0
    SET k w PX 9223372036854775807
    SET k w EX 9223372036854775
    SET k w EX 99999999999999999
    SET k w EX 99999999999999999999
    SET k w FOO
    SET k
    SET
    SET e w EX 100 NX
    SET e w EX 100 NX
    SET ~ ~
    GET ~
    DEL ~
    DEL
    EXISTS
    EXISTS k k e none
    DEL k k e
    DEL k
    INCR n
    INCR n
    INCR
    INCR n n
    SET n 9223372036854775807
    INCR n
    GET n
    SET n -9223372036854775808
    INCR n
    SET n 9223372036854775808
    INCR n
    SET n _1
    INCR n
    SET n 1.5
    INCR n
    SET n 01
    INCR n
    SET n ~
    INCR n
    SET n 41 EX 100
    INCR n
    TTL n
    EXPIRE n 50
    TTL n
    EXPIRE n 60 NX
    EXPIRE n 60 XX
    TTL n
    EXPIRE n 50 GT
    EXPIRE n 70 GT
    EXPIRE n 80 LT
    EXPIRE n 60 lt
    TTL n
    SET m 1
    EXPIRE m 10 XX
    EXPIRE m 10 GT
    TTL m
    EXPIRE m 10 LT
    TTL m
    EXPIRE m 10 NX XX
    EXPIRE m 10 NX GT
    EXPIRE m 10 GT LT
    EXPIRE m 10 FOO
    EXPIRE m x
    EXPIRE m 99999999999999999999
    EXPIRE m 9223372036854775
    EXPIRE m
    EXPIRE none 10
    EXPIRE none x
    TTL none
    TTL
    PTTL none
    PTTL
    PERSIST m
    PERSIST m
    PTTL m
    PERSIST none
    PERSIST
    PEXPIRE m 100000
    TTL m
    PEXPIRE m 200000 NX
    PEXPIRE m 200000 XX
    TTL m
    PEXPIRE m 100000 GT
    PEXPIRE m 100000 LT
    TTL m
    PEXPIRE m 1 FOO
    PEXPIRE m 1.5
    PEXPIRE m x
    PEXPIRE m 9223372036854775807
    PEXPIRE m 9223372036854775808
    PEXPIRE m -9223372036854775808
    EXISTS m
    PEXPIRE m 10
    PEXPIRE
    SET m 1
    PEXPIRE m 0
    EXISTS m
    SET m 1 PX 100000
    SET m 2
    TTL m
    PERSIST m
    RPUSH x a
    PEXPIRE x 100000
    LPOP x
    TTL x
    RPUSH x b
    TTL x
    DEL x
    EXPIRE m 0
    EXISTS m
    SET m 1
    EXPIRE m -1
    EXISTS m
    MSET a 1 b 2 a 3
    MGET a b none
    MSET a
    MSET a 1 b
    MSET
    MGET
    LPUSH l a b c
    LRANGE l 0 -1
    RPUSH l d e
    LRANGE l 0 -1
    LRANGE l 1 2
    LRANGE l -2 -1
    LRANGE l -100 100
    LRANGE l 3 1
    LRANGE l 9 12
    LRANGE l 0 -9
    LRANGE l -9 -9
    LRANGE none 0 -1
    LRANGE l 0 x
    LRANGE l x 0
    LRANGE a x 0
    LRANGE l 0
    LLEN l
    LLEN none
    LLEN a
    LLEN
    LPUSH l
    RPUSH a x
    LPUSH a x
    LRANGE a 0 1
    GET l
    INCR l
    MGET l a
    LPOP l
    RPOP l
    LPOP l 0
    LPOP l 2
    LPOP l -1
    LPOP l x
    LPOP l 1 1
    LPOP a
    RPOP a 1
    LPOP none
    LPOP none 1
    LPOP none 0
    RPOP none
    RPOP none 2
    LPOP
    RPOP l 100
    EXISTS l
    TTL l
    RPUSH l a b c
    EXPIRE l 100
    TTL l
    SET l now_a_string
    TTL l
    DEL l
    RPUSH l a b c
    BLPOP l 1
    BLPOP none l 1
    BLPOP none a l 1
    BLPOP a 1
    BLPOP l
    BLPOP l x
    BLPOP l -1
    BLPOP l nan
    BLPOP l 0
    BLPOP none 0.01
    BLPOP none none 0.001
    EXISTS l
    DBSIZE
    DBSIZE x
    SELECT 0
    SELECT x
    SELECT 99
    FLUSHALL x
    FLUSHALL ASYNC
    FLUSHALL sync
    DBSIZE
    FLUSHALL
    RESET
    PUBLISH c
    PUBLISH c m
    PUBLISH c m m
    PUBSUB
    PUBSUB NOSUCH
    PUBSUB CHANNELS
    PUBSUB CHANNELS *
    PUBSUB CHANNELS a b
    PUBSUB NUMSUB
    PUBSUB NUMSUB a b
    PUBSUB NUMPAT
    PUBSUB NUMPAT a
    UNSUBSCRIBE
    UNSUBSCRIBE a
    SUBSCRIBE
    SUBSCRIBE c
    SUBSCRIBE c
    PING
    PING hello
    PING a b
    GET k
    PUBLISH c m
    nosuch
    GET
    UNSUBSCRIBE d
    UNSUBSCRIBE c
    GET k
    SUBSCRIBE d
    RESET
    PING
    NOSUCH
    nosuch a b_c
    ~
    CONFIG
    CONFIG NOSUCH
    CONFIG GET
    CONFIG SET
    CONFIG SET timeout
    CONFIG SET timeout x
    CONFIG SET timeout -1
    CONFIG SET timeout 5 timeout 6
    CONFIG SET timeout 5 nosuch 6
    CONFIG SET timeout 1000
    CONFIG GET timeout
    CONFIG GET save
    CONFIG GET appendonly
    CONFIG GET nosuch
    CONFIG SET maxclients 0
    CONFIG SET proto-max-bulk-len 1
    CONFIG SET proto-max-bulk-len x
    CONFIG SET proto-max-bulk-len 2mb
    CONFIG GET proto-max-bulk-len
    COMMAND NOSUCH
    COMMAND COUNT x
    COMMAND LIST FILTERBY nosuch
    QUIT
";

fn words(line: &str) -> Vec<String> {
    let word = |word: &str| match word {
        "~" => String::new(),
        word => word.replace('_', " "),
    };
    line.split_whitespace().map(word).collect()
}

fn requests() -> Vec<Vec<String>> {
    let lines = SCRIPT.lines().map(words);
    lines.filter(|words| !words.is_empty()).collect()
}

fn show(bytes: &[u8]) -> String {
    bytes.escape_ascii().to_string()
}

#[test]
fn replies_equal_redis_servers() {
    let Some(real) = Server::start_real() else {
        return;
    };
    let ours = Server::start();
    let (mut our_client, mut real_client) = (ours.client(), real.client());
    for words in requests() {
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let (ours, real) = (our_client.call(&words), real_client.call(&words));
        assert_eq!(show(&ours), show(&real), "{words:?}");
    }
    assert_eq!(our_client.rest(), real_client.rest());
}

#[test]
fn pipelined_replies_equal_redis_servers() {
    let Some(real) = Server::start_real() else {
        return;
    };
    let ours = Server::start();
    let requests: Vec<u8> = requests()
        .iter()
        .flat_map(|words| {
            crate::client::frame(&words.iter().map(String::as_str).collect::<Vec<_>>())
        })
        .collect();
    // At once, and so torn that a read ends at every kind of place.
    for piece in [requests.len(), 7] {
        let replies = [&ours, &real].map(|server| {
            let mut client = server.client();
            client.call(&["FLUSHALL"]);
            for piece in requests.chunks(piece) {
                client.send(piece);
            }
            show(&client.rest())
        });
        let [ours, real] = replies.each_ref().map(|replies| replies.split("\\n"));
        for (at, (ours, real)) in ours.zip(real).enumerate() {
            assert_eq!(ours, real, "line {at}");
        }
        assert_eq!(replies[0].len(), replies[1].len());
    }
}

#[test]
fn inline_and_malformed_requests_get_redis_servers_replies() {
    let Some(real) = Server::start_real() else {
        return;
    };
    let ours = Server::start();
    let long = [b"NOSUCH ".as_slice(), &[b'a'; 300], b" b\r\n"].concat();
    let many = [b"NOSUCH ".as_slice(), b"a ".repeat(100).as_slice(), b"\r\n"].concat();
    let requests: &[&[u8]] = &[
        b"PING\r\n",
        b"PING\n",
        b"\r\n\r\n  \r\n PING \t hello \r\n",
        b"SET q \"b\\x41\\n\\\"\"\r\nGET q\r\n",
        b"SET q 'it\\'s'\r\nGET q\r\n",
        b"\"PING\"\r\n",
        b"\"\"\r\n",
        b"PING \"a\\\"b\\q\\x4\"\r\n",
        b"GET \"q\r\n",
        b"GET \"q\"q\r\n",
        b"$4\r\nPING\r\n",
        b"*0\r\n*-1\r\n*1\r\n$4\r\nPING\r\n",
        b"*1\r\n$4\r\nPINGxx*1\r\n$4\r\nPING\r\n",
        b"*1\r\n$0\r\n\r\n",
        b"*1\r\n$9\r\na\r\nb\nc\xff\x01d\r\n",
        b"*2\r\n$6\r\nNOSUCH\r\n$5\r\na'\r\nb\r\n",
        &long,
        &many,
        b"*1\r\n$1073741824\r\n",
        b"*1\r\n$-1\r\n",
        b"*1\r\n$abc\r\n",
        b"*1\r\n$\r\n",
        b"*1\r\n$+4\r\nPING\r\n",
        b"*1\r\n$04\r\nPING\r\n",
        b"*1\r\n:4\r\nPING\r\n",
        b"*1\r\n\r\nPING\r\n",
        b"*x\r\n",
        b"*\r\n",
        b"* 1\r\n$4\r\nPING\r\n",
        b"*2147483648\r\n",
        b"*1\r\n$4\r\nPING\r\n*1\r\n$1073741824\r\n",
        b"*1\r\n$4\r\nPING\r\n*1\r\nX\r\n*1\r\n$4\r\nPING\r\n",
        b"*3\r\n$3\r\nSET\r\n$1\r\na\r\n$-5\r\n",
        b"QUIT\r\nPING\r\n",
        b"QUIT now\r\n",
        b"POST / HTTP/1.1\r\nHost: x\r\n\r\n",
    ];
    for request in requests {
        let replies = [&ours, &real].map(|server| {
            let mut client = server.client();
            // It may be closed before all is sent.
            let _ = client.try_send(request);
            client.finish();
            show(&client.rest())
        });
        assert_eq!(replies[0], replies[1], "{}", show(request));
    }
}
