use super::*;

#[test]
fn headers_are_kept_by_name() {
    for (name, value, expected) in [
        ("Content-Type", "text/plain", "text/plain"),
        ("Authorization", "Bearer abc", REDACTED),
        ("Cookie", "a=b", REDACTED),
        ("Set-Cookie", "a=b", REDACTED),
        ("X-Amz-Security-Token", "abc", REDACTED),
        ("Content-Location", "https://u:p@h/?sig=a", REDACTED),
        ("Refresh", "0; url=https://h/?sig=a", REDACTED),
        ("Docker-Upload-UUID", "abc", REDACTED),
        (
            "Location",
            "https://cdn.example/x?X-Amz-Signature=abc&n=1",
            "https://cdn.example/x?X-Amz-Signature=REDACTED&n=1",
        ),
        (
            "Link",
            "</v2/_catalog?last=a&n=5&sig=q>; rel=\"next\"",
            "</v2/_catalog?last=a&n=5&sig=REDACTED>; rel=\"next\"",
        ),
        ("Location", "/v2/x", "/v2/x"),
        ("Accept", "a/b;q=0.5, */*", "a/b;q=0.5, */*"),
        ("Vary", "Origin", "Origin"),
        ("Access-Control-Allow-Origin", "https://u:p@page.example", "https://REDACTED@page.example"),
        (
            "Content-Security-Policy",
            "report-uri /csp?key=a; x 'none'",
            "report-uri /csp?key=REDACTED; x 'none'",
        ),
    ] {
        assert_eq!(header(name, value), expected, "{name}: {value}");
    }
}

#[test]
fn every_address_in_a_link_is_taken_apart() {
    for (value, expected) in [
        (
            "</1?sig=secret>; rel=prev, <https://u:secret@h/2?n=1&sig=secret#secret>; rel=next; anchor=\"/?a=secret\"",
            "</1?sig=REDACTED>; rel=prev, <https://REDACTED@h/2?n=1&sig=REDACTED#REDACTED>; rel=next; \
             anchor=\"/?a=REDACTED\"",
        ),
        ("</1>; rel=\"next\"; x-key=\"secret\"; secret", "</1>; rel=\"next\"; x-key=\"REDACTED\"; REDACTED"),
        ("</1>; title=\"a \\\" b\"; rel=next", "</1>; title=\"REDACTED\"; rel=next"),
        ("https://h/?sig=secret; rel=next", "REDACTED; rel=next"),
        ("</1?sig=secret; rel=next", "<REDACTED>"),
        ("</1>; rel=\"secret", "</1>; rel=\"REDACTED\""),
    ] {
        assert_eq!(header("Link", value), expected, "{value}");
    }
}

#[test]
fn a_challenge_shows_whom_it_is_for_and_no_more() {
    for (value, expected) in [
        (
            "Bearer realm=\"https://auth.docker.io/token\",service=\"registry.docker.io\",\
             scope=\"repository:library/hello-world:pull\"",
            "Bearer realm=\"https://auth.docker.io/token\",service=\"registry.docker.io\",\
             scope=\"repository:library/hello-world:pull\"",
        ),
        (
            "Bearer realm=\"https://u:secret@h/t?key=secret#secret\",error=\"invalid_token\",nonce=\"secret\"",
            "Bearer realm=\"https://REDACTED@h/t?key=REDACTED#REDACTED\",error=\"invalid_token\",nonce=\"REDACTED\"",
        ),
        ("Bearer realm=https://h/t?key=secret,service=r", "Bearer realm=https://h/t?key=REDACTED,service=r"),
        (
            "Basic realm=\"Nexus (internal)\", charset = UTF-8",
            "Basic realm=\"Nexus (internal)\", charset=UTF-8",
        ),
        ("Negotiate c2VjcmV0==, Basic realm=x", "Negotiate REDACTED, Basic realm=x"),
        ("Negotiate secret", "Negotiate REDACTED"),
        ("secret", "REDACTED"),
        ("Bearer realm=\"secret", "Bearer realm=\"REDACTED\""),
        ("Basic \"secret\" x", "Basic REDACTED REDACTED"),
    ] {
        assert_eq!(header("WWW-Authenticate", value), expected, "{value}");
    }
}

#[test]
fn addresses_lose_what_may_be_secret() {
    for (before, after) in [
        ("https://h/p?verify=164-fS%3D", "https://h/p?verify=REDACTED"),
        ("https://h/p?scope=repository:a:pull&service=s", "https://h/p?scope=repository:a:pull&service=s"),
        ("https://h/p?abcdef", "https://h/p?REDACTED"),
        ("https://h/p?c2VjcmV0==", "https://h/p?REDACTED"),
        ("https://h/p?c2VjcmV0=", "https://h/p?REDACTED"),
        ("https://h/p?n=1;sig=secret", "https://h/p?n=REDACTED"),
        ("https://h/p?service=https://u:secret%40h/", "https://h/p?service=REDACTED"),
        ("https://h/p?last=a%2Fb&tag=", "https://h/p?last=a%2Fb&tag="),
        ("https://h/exp=1~hmac=secret/x;id=secret", "https://h/exp=REDACTED/x;REDACTED"),
        ("https://h/to/https://u:secret@i/x", "https://h/to/REDACTED"),
        ("https://h/p", "https://h/p"),
        ("/p#secret", "/p#REDACTED"),
        ("//u:secret@h/p", "//REDACTED@h/p"),
        ("https:u:secret@h/p", "https:REDACTED"),
        ("https:///u:secret@h/p", REDACTED),
        ("https:\\\\u:secret@h\\p", REDACTED),
        ("https://h/a b?n=secret", REDACTED),
        ("data:text/plain,secret", "data:REDACTED"),
        ("https://u:se/cret@h/p", REDACTED),
    ] {
        assert_eq!(address(before), after, "{before}");
        if let Ok(before) = before.parse() {
            assert_eq!(url(&before).as_str(), after);
        }
    }
}

#[test]
fn addresses_in_messages_lose_their_secrets() {
    for (message, shown) in [
        ("no answer to GET https://cdn/x?sig=abc.", "no answer to GET https://cdn/x?sig=REDACTED."),
        ("from https://r:5000: the name  is wrong", "from https://r:5000: the name  is wrong"),
        ("a: b", "a: b"),
        ("has no http:// or https://", "has no http:// or https://"),
        ("(https://u:secret@h/x).", "(https://REDACTED@h/x)."),
        (
            "<a href=\"https://h/x?sig=secret&amp;b=secret\">Moved</a>",
            "<a href=\"https://h/x?sig=REDACTED&amp;b=REDACTED\">Moved</a>",
        ),
        ("{\"to\":\"https:\\/\\/u:secret@h\\/\"}", "{\"to\":\"REDACTED\"}"),
        ("see /x?sig=secret, then", "see /x?sig=REDACTED, then"),
        ("is it so? yes\n", "is it so? yes\n"),
        ("127.0.0.1:5000/app:1", "127.0.0.1:5000/app:1"),
    ] {
        assert_eq!(text(message), shown, "{message}");
    }
}
