//! The decoder against whole, torn and malformed input.

use super::reply::Reply;
use super::{Decoder, Line, ProtocolError, number};

const LIMIT: usize = 1 << 20;

type Frames = Vec<Vec<Vec<u8>>>;

fn frames(decoder: &Decoder, input: &[u8]) -> Frames {
    (0..decoder.frames())
        .map(|i| {
            decoder
                .frame(i, input)
                .from(0)
                .map(<[u8]>::to_vec)
                .collect()
        })
        .collect()
}

/// Feeds `bytes` in pieces of `piece`, clearing after each, as a connection does.
fn feed(bytes: &[u8], piece: usize) -> (Frames, Result<(), ProtocolError>) {
    let mut decoder = Decoder::default();
    let mut input = Vec::new();
    let mut all = Vec::new();
    for piece in bytes.chunks(piece) {
        input.extend_from_slice(piece);
        let result = decoder.decode(&mut input, LIMIT);
        all.extend(frames(&decoder, &input));
        if result.is_err() {
            return (all, result);
        }
        let done = decoder.clear();
        input.drain(..done);
    }
    (all, Ok(()))
}

fn words(line: &str) -> Vec<Vec<u8>> {
    line.split(' ')
        .map(|word| word.as_bytes().to_vec())
        .collect()
}

#[test]
fn a_flood_of_small_frames_is_found_in_parts() {
    let mut input = b"PING\n".repeat(10 * super::FRAMES + 1);
    input.extend_from_slice(b"PI");
    let mut decoder = Decoder::default();
    let mut found = 0;
    loop {
        assert_eq!(decoder.decode(&mut input, LIMIT), Ok(()));
        assert!(decoder.frames() <= super::FRAMES);
        found += decoder.frames();
        match decoder.clear() {
            0 => break,
            done => drop(input.drain(..done)),
        }
    }
    assert_eq!(found, 10 * super::FRAMES + 1);
    assert_eq!(input, b"PI");
}

#[test]
fn frames_come_out_however_they_are_torn() {
    let bytes = b"*1\r\n$4\r\nPING\r\n\r\n*0\r\n*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$5\r\na\r\nbc\r\n*-1\r\nGET k\r\n  \r\nGET\tj\n*2\r\n$4\r\nECHO\r\n$0\r\n\r\n";
    let expected = vec![
        words("PING"),
        vec![b"SET".to_vec(), b"k".to_vec(), b"a\r\nbc".to_vec()],
        words("GET k"),
        words("GET j"),
        vec![b"ECHO".to_vec(), Vec::new()],
    ];
    for piece in 1..=bytes.len() {
        let (found, result) = feed(bytes, piece);
        assert_eq!(result, Ok(()), "pieces of {piece}");
        assert_eq!(found, expected, "pieces of {piece}");
    }
}

#[test]
fn a_frame_is_complete_with_its_last_byte_and_not_before() {
    let bytes = b"*2\r\n$4\r\nECHO\r\n$2\r\nhi\r\n";
    for len in 0..bytes.len() {
        assert_eq!(
            feed(&bytes[..len], bytes.len()).0,
            Frames::new(),
            "{len} bytes"
        );
    }
    assert_eq!(feed(bytes, bytes.len()).0, vec![words("ECHO hi")]);
}

#[test]
fn malformed_frames_get_their_error_and_the_frames_before_them_count() {
    let long_inline = vec![b'x'; 70_000];
    let long_multibulk = [b"*".as_slice(), &[b'1'; 70_000]].concat();
    let long_bulk = [b"*1\r\n$".as_slice(), &[b'1'; 70_000]].concat();
    let cases: &[(&[u8], ProtocolError)] = &[
        (b"*x\r\n", ProtocolError::InvalidMultibulk),
        (b"*\r\n", ProtocolError::InvalidMultibulk),
        (b"* 1\r\n", ProtocolError::InvalidMultibulk),
        (b"*2147483648\r\n", ProtocolError::InvalidMultibulk),
        (b"*1\r\n$\r\n", ProtocolError::InvalidBulk),
        (b"*1\r\n$-1\r\n", ProtocolError::InvalidBulk),
        (b"*1\r\n$+4\r\nPING\r\n", ProtocolError::InvalidBulk),
        (b"*1\r\n$04\r\nPING\r\n", ProtocolError::InvalidBulk),
        (b"*1\r\n$1073741824\r\n", ProtocolError::InvalidBulk),
        (
            b"*1\r\n$99999999999999999999\r\n",
            ProtocolError::InvalidBulk,
        ),
        (b"*1\r\n:4\r\n", ProtocolError::ExpectedBulk(b':')),
        (b"*1\r\n\r\nPING\r\n", ProtocolError::ExpectedBulk(b'\r')),
        (b"GET \"k\r\n", ProtocolError::UnbalancedQuotes),
        (b"GET \"k\"j\r\n", ProtocolError::UnbalancedQuotes),
        (&long_inline, ProtocolError::LineTooLong(Line::Inline)),
        (&long_multibulk, ProtocolError::LineTooLong(Line::Multibulk)),
        (&long_bulk, ProtocolError::LineTooLong(Line::Bulk)),
    ];
    for (bytes, error) in cases {
        let bytes = [b"PING\r\n*1\r\n$4\r\nQUIT\r\n".as_slice(), bytes].concat();
        for piece in [1, 7, bytes.len()] {
            let (found, result) = feed(&bytes, piece);
            assert_eq!(
                result,
                Err(*error),
                "{:?}",
                bytes.escape_ascii().to_string()
            );
            assert_eq!(found, vec![words("PING"), words("QUIT")]);
        }
    }
    assert_eq!(
        ProtocolError::ExpectedBulk(b':').message(),
        b"ERR Protocol error: expected '$', got ':'"
    );
}

#[test]
fn a_claimed_length_allocates_nothing() {
    let mut decoder = Decoder::default();
    let mut input = b"*2147483647\r\n$1000000\r\nabc".to_vec();
    assert_eq!(decoder.decode(&mut input, LIMIT), Ok(()));
    assert!(decoder.spans.capacity() < 16);
    assert_eq!(decoder.wants(input.len()), 1_000_002 - 3);
}

#[test]
fn inline_words_are_unquoted() {
    let cases: &[(&[u8], &[&[u8]])] = &[
        (b"SET a \"b\\x41\\n\"\r\n", &[b"SET", b"a", b"bA\n"]),
        (b"SET a 'it\\'s'\r\n", &[b"SET", b"a", b"it's"]),
        (b"\"PING\"\r\n", &[b"PING"]),
        (b"\"\"\r\n", &[b""]),
        (b"PING \"a\\\"b\\q\\x4\"\r\n", &[b"PING", b"a\"bqx4"]),
        (b"a\"b c\" d\n", &[b"ab c", b"d"]),
    ];
    for (line, expected) in cases {
        let (found, result) = feed(line, 3);
        assert_eq!(result, Ok(()));
        assert_eq!(
            found,
            vec![expected.iter().map(|w| w.to_vec()).collect::<Vec<_>>()]
        );
    }
}

#[test]
fn integers_are_read_as_redis_reads_them() {
    for good in [0, 1, -1, 10, i64::MAX, i64::MIN, 1_234_567_890] {
        assert_eq!(number::parse(good.to_string().as_bytes()), Some(good));
        let mut out = Vec::new();
        number::write(&mut out, good);
        assert_eq!(out, good.to_string().as_bytes());
    }
    for bad in [
        "",
        "-",
        "+1",
        "01",
        "-0",
        "-01",
        " 1",
        "1 ",
        "1.0",
        "9223372036854775808",
        "-9223372036854775809",
        "0x1",
    ] {
        assert_eq!(number::parse(bad.as_bytes()), None, "{bad}");
    }
}

#[test]
fn replies_are_worded_as_resp2_has_them() {
    let mut out = Vec::new();
    out.simple("OK");
    out.error(b"ERR a\r\nb");
    out.int(-7);
    out.array(2);
    out.bulk(b"");
    out.bulk(&[b'x'; 11]);
    out.nil();
    out.nil_array();
    assert_eq!(
        out,
        b"+OK\r\n-ERR a  b\r\n:-7\r\n*2\r\n$0\r\n\r\n$11\r\nxxxxxxxxxxx\r\n$-1\r\n*-1\r\n"
    );
}
