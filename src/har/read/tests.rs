use super::*;
use crate::http::Field;
use serde_json::{Value, json};

fn one(entry: Value) -> Recorded {
    let file = json!({ "log": { "entries": [entry] } }).to_string();
    entries(file.as_bytes()).unwrap().remove(0)
}

fn get(response: Value) -> Recorded {
    one(json!({ "request": { "method": "GET", "url": "https://h/" }, "response": response }))
}

#[test]
fn a_body_that_was_not_saved_is_not_an_empty_body() {
    let length = json!([{ "name": "Content-Length", "value": "12" }]);
    for (method, status, headers, content, expected, why) in [
        ("GET", 200, json!([]), json!({ "size": 2, "text": "{}" }), Some("{}"), "text"),
        ("GET", 200, json!([]), json!({ "text": "e30=", "encoding": "base64" }), Some("{}"), "base64"),
        ("GET", 200, json!([]), json!({ "text": " e3\r\n0 ", "encoding": "Base64" }), Some("{}"), "wrapped"),
        ("GET", 200, json!([]), json!({ "text": "H4s", "encoding": "gzip" }), None, "not an encoding of HAR"),
        ("GET", 200, json!([]), json!({ "size": 2 }), None, "absent"),
        ("GET", 200, json!([]), json!({ "size": 2, "text": "" }), None, "empty, and yet two bytes"),
        ("GET", 200, json!([]), json!({ "size": null, "text": null }), None, "null"),
        ("GET", 200, json!([]), Value::Null, None, "no content"),
        ("GET", 200, json!([]), json!({ "size": 0, "text": "" }), Some(""), "empty"),
        ("GET", 200, json!([]), json!({ "size": "0" }), Some(""), "empty; the number is a text"),
        ("GET", 200, length, json!({ "size": 0 }), None, "the server announced more than nothing"),
        ("GET", 204, json!([]), json!({}), Some(""), "204 has none"),
        ("HEAD", 200, json!([]), json!({ "size": 9 }), Some(""), "HEAD has none"),
    ] {
        let recorded = one(json!({
            "request": { "method": method, "url": "https://h/" },
            "response": { "status": status, "headers": headers, "content": content },
        }));
        assert_eq!(recorded.body, expected.map(|text| Ok(text.into())), "{why}");
    }
}

#[test]
fn headers_are_all_of_them_only_where_there_is_a_list() {
    let list = json!([
        { "name": ":status", "value": "200" },
        { "name": "ETag", "value": "x" },
        { "name": "age", "value": 7 },
        { "name": "x-null", "value": null },
        { "value": "no name" },
        null,
    ]);
    let recorded = get(json!({ "status": 200, "headers": list }));
    let names: Vec<_> = recorded.headers.iter().collect();
    assert_eq!(names, [("ETag", "x"), ("age", "7"), ("x-null", "")]);
    for (more, etag, why) in [
        (json!({ "status": 200, "headers": [] }), Field::Absent, "a list is complete"),
        (json!({ "status": 200, "headers": null }), Field::NotRecorded, "no list"),
        (json!({ "status": 0, "headers": [] }), Field::NotRecorded, "no head at all"),
        (
            json!({ "status": 200, "headers": [], "_headersVisibility": "cors-filtered" }),
            Field::NotExposed,
            "our own files say what could be seen",
        ),
        (
            json!({ "status": 200, "headers": [], "_headersVisibility": "?" }),
            Field::Absent,
            "an unknown word",
        ),
    ] {
        assert_eq!(get(more).headers.get("etag"), etag, "{why}");
    }
}

#[test]
fn a_redirect_may_stand_outside_of_the_headers() {
    let location = json!([{ "name": "location", "value": "/a" }]);
    for (status, headers, target, expected, why) in [
        (307, location, "https://h/b", Field::Present("/a"), "the header counts"),
        (307, json!([]), "https://h/b", Field::Present("https://h/b"), "only redirectURL"),
        (307, json!([]), "", Field::Absent, "neither"),
        (200, json!([]), "https://h/b", Field::Absent, "no redirect"),
    ] {
        let recorded = get(json!({ "status": status, "headers": headers, "redirectURL": target }));
        assert_eq!(recorded.headers.get("location"), expected, "{why}");
    }
}

#[test]
fn times_that_were_not_measured_stay_unknown() {
    let start = Some(1_643_112_415_000.0);
    let phases =
        json!({ "blocked": 1, "dns": -1, "connect": "2.5", "ssl": 1, "send": 0, "wait": 10, "receive": 3 });
    let none = json!({ "send": -1, "wait": -1, "receive": -1 });
    for (time, phases, expected, why) in [
        (json!(17), phases.clone(), (start, Some(13.5), Some(3.0)), "wait counts from the start"),
        (Value::Null, phases.clone(), (start, Some(13.5), Some(3.0)), "no sum"),
        (json!(-1), phases, (None, Some(13.5), Some(3.0)), "the start is the format's demand"),
        (json!(-1), none.clone(), (None, None, None), "nothing known"),
        (json!(12), none, (start, None, None), "a sum without its parts"),
        (Value::Null, Value::Null, (None, None, None), "a start alone says nothing"),
        (json!(12), json!({ "wait": 12 }), (start, Some(12.0), None), "a part of them"),
    ] {
        let recorded = one(json!({
            "request": { "method": "GET", "url": "https://h/" }, "response": { "status": 200 },
            "startedDateTime": "2022-01-25T12:06:55Z", "time": time, "timings": phases,
        }));
        let Timings { started, wait, receive } = recorded.timings;
        assert_eq!((started, wait, receive), expected, "{why}");
    }
}
