//! What is a reference and what is not, case by case.
//!
//! Each row: the input, what comes of it, and why. What comes of it is either
//! `registry | path | tag | digest`, with `-` for what is not stated, or the name of the refusal.
//! `{a*64}` stands for 64 times `a`.

use registry_inspector::reference::Reference;

type Row = (&'static str, &'static str, &'static str);

const NAMES: &[Row] = &[
    ("hello-world", "docker.io | library/hello-world | - | -", "one component is an official image"),
    ("library/hello-world", "docker.io | library/hello-world | - | -", "its prefix may be written"),
    ("alice/app", "docker.io | alice/app | - | -", "two components are a user's image"),
    ("alice/team/app", "docker.io | alice/team/app | - | -", "any depth on Docker Hub"),
    ("library/a/b", "docker.io | library/a/b | - | -", "library is a component like others"),
    ("library", "docker.io | library/library | - | -", "even alone"),
    ("a", "docker.io | library/a | - | -", "one letter is enough"),
    ("7", "docker.io | library/7 | - | -", "so is one digit"),
    ("0a/1b", "docker.io | 0a/1b | - | -", "components may start with a digit"),
    ("v2/app", "docker.io | v2/app | - | -", "the API's prefix has no meaning here"),
    ("a.b", "docker.io | library/a.b | - | -", "without a slash nothing is a registry: a dot separates"),
    ("example.org", "docker.io | library/example.org | - | -", "not even what looks like a host"),
    ("docker.io", "docker.io | library/docker.io | - | -", "not even Docker Hub itself"),
    ("localhost", "docker.io | library/localhost | - | -", "not even localhost"),
    ("a_b", "docker.io | library/a_b | - | -", "one underscore separates"),
    ("a__b", "docker.io | library/a__b | - | -", "two underscores separate"),
    ("a___b", "BadComponent", "three do not"),
    ("a-b", "docker.io | library/a-b | - | -", "one dash separates"),
    ("a-----b", "docker.io | library/a-----b | - | -", "any number of dashes does"),
    ("a..b", "BadComponent", "two dots do not"),
    ("a._b", "BadComponent", "nor a dot and an underscore"),
    ("a_.b", "BadComponent", "in either order"),
    ("a-_b", "BadComponent", "nor a dash and an underscore"),
    ("a-.b", "BadComponent", "nor a dash and a dot"),
    ("a.b_c__d--e", "docker.io | library/a.b_c__d--e | - | -", "all separators in one name"),
    (".a", "BadComponent", "a dot first"),
    ("a.", "BadComponent", "a dot last"),
    ("_a", "BadComponent", "an underscore first"),
    ("a_", "BadComponent", "an underscore last"),
    ("-a", "BadComponent", "a dash first: never mistaken for an option"),
    ("a-", "BadComponent", "a dash last"),
    ("-", "BadComponent", "a separator alone"),
    ("..", "BadComponent", "no way up the tree"),
    ("alice/../bob", "BadComponent", "nor in the middle"),
    ("alice/-app", "BadComponent", "every component is checked"),
    ("alice/app_", "BadComponent", "the last one too"),
    ("a+b", "BadComponent", "a plus is for algorithms only"),
    ("[a]", "BadComponent", "brackets are for IPv6 only"),
    ("alice//app", "EmptyComponent", "two slashes in a row"),
    ("/app", "EmptyComponent", "a slash first"),
    ("alice/", "EmptyComponent", "a slash last"),
    ("alice/app/", "EmptyComponent", "a slash last, as pasted from a browser"),
    ("/", "EmptyComponent", "a slash alone"),
    ("//", "EmptyComponent", "slashes alone"),
    ("Hello", "UpperCase", "upper case in an official image's name"),
    ("hELLO:tag", "UpperCase", "anywhere in it"),
    ("alice/App", "UpperCase", "in a user's image's name"),
    ("ghcr.io/Alice/app", "UpperCase", "in another registry too"),
    ("docker.io/Alice/app", "UpperCase", "the second component is never a registry"),
];

const REGISTRIES: &[Row] = &[
    ("docker.io/app", "docker.io | library/app | - | -", "Docker Hub by name, official image"),
    ("docker.io/library/app", "docker.io | library/app | - | -", "the same in full"),
    ("docker.io/alice/app", "docker.io | alice/app | - | -", "a user's image in full"),
    ("index.docker.io/app", "docker.io | library/app | - | -", "Docker Hub by its old name"),
    ("index.docker.io/alice/app", "docker.io | alice/app | - | -", "which is always replaced"),
    ("registry-1.docker.io/app", "registry-1.docker.io | app | - | -", "its API host is not normalised"),
    ("Docker.io/app", "Docker.io | app | - | -", "the name is compared with its case"),
    ("Index.Docker.io/app", "Index.Docker.io | app | - | -", "the old one too"),
    ("docker.io:443/app", "docker.io:443 | app | - | -", "with a port it is another registry"),
    ("index.docker.io:443/app", "index.docker.io:443 | app | - | -", "as is the old name"),
    (
        "docker.io/docker.io/app",
        "docker.io | docker.io/app | - | -",
        "only the first component is a registry",
    ),
    ("docker.io/example.org/app", "docker.io | example.org/app | - | -", "whatever the second looks like"),
    ("docker.io/localhost", "docker.io | library/localhost | - | -", "an image by an odd name"),
    ("ghcr.io/alice/app", "ghcr.io | alice/app | - | -", "a dot makes a registry"),
    ("quay.io/app", "quay.io | app | - | -", "library/ is for Docker Hub alone"),
    ("a.b/c", "a.b | c | - | -", "the shortest host with a dot"),
    ("registry/app", "docker.io | registry/app | - | -", "without dot or port it is a user"),
    ("registry:5000/app", "registry:5000 | app | - | -", "a port makes a registry"),
    ("registry:0/app", "registry:0 | app | - | -", "any port"),
    ("registry:99999999/app", "registry:99999999 | app | - | -", "of any length: only digits are asked for"),
    ("a:1/b:2", "a:1 | b | 2 | -", "first colon for the port, second for the tag"),
    ("localhost/app", "localhost | app | - | -", "localhost needs neither dot nor port"),
    ("localhost:5000/app", "localhost:5000 | app | - | -", "and may have a port"),
    ("localhost/a/b/c", "localhost | a/b/c | - | -", "any depth"),
    ("localhost1/app", "docker.io | localhost1/app | - | -", "only the whole word"),
    ("app.localhost/app", "app.localhost | app | - | -", "a name under it has a dot"),
    ("Registry/app", "Registry | app | - | -", "upper case makes a registry: no user has it"),
    ("LOCALHOST/app", "LOCALHOST | app | - | -", "as here"),
    ("EXAMPLE.org/app", "EXAMPLE.org | app | - | -", "the case is kept"),
    ("my-host.example/app", "my-host.example | app | - | -", "dashes within a label"),
    ("a--b.example/app", "a--b.example | app | - | -", "more than one: international names"),
    ("xn--bcher-kva.example/app", "xn--bcher-kva.example | app | - | -", "such as this one"),
    ("127.0.0.1/app", "127.0.0.1 | app | - | -", "an IPv4 address"),
    ("127.0.0.1:5000/app", "127.0.0.1:5000 | app | - | -", "with a port"),
    ("999.1/app", "999.1 | app | - | -", "nobody counts its numbers"),
    ("[::1]/app", "[::1] | app | - | -", "an IPv6 address in brackets"),
    ("[::1]:5000/app", "[::1]:5000 | app | - | -", "with a port"),
    ("[2001:DB8::aB]/app:t", "[2001:DB8::aB] | app | t | -", "in either case"),
    ("[:]/app", "[:] | app | - | -", "nobody parses it"),
    ("[::]:1/app@sha256:{a*64}", "[::]:1 | app | - | sha256:{a*64}", "brackets, port and digest"),
    ("[1]/app", "BadComponent", "no colon and no dot: brackets alone make no registry"),
    ("[]/app", "BadComponent", "nothing in brackets, and no colon to make it a registry"),
    ("[]:80/app", "BadRegistry", "nothing in brackets, with a port"),
    ("[::1/app", "BadRegistry", "no closing bracket"),
    ("::1]/app", "BadRegistry", "no opening bracket"),
    ("::1/app", "BadRegistry", "no brackets"),
    ("[::1]x/app", "BadRegistry", "text after the bracket"),
    ("[::1]:/app", "BadPort", "a colon and no port"),
    ("[::g]/app", "BadRegistry", "not a hexadecimal digit"),
    ("[::1.2.3.4]/app", "BadRegistry", "IPv4-mapped addresses are left out"),
    ("[::1]", "BadComponent", "an address without repository"),
    ("registry:/app", "BadPort", "an empty port"),
    ("registry:http/app", "BadPort", "a service's name"),
    ("app:tag/more", "BadPort", "a tag before the end"),
    ("registry:80:80/app", "BadRegistry", "two ports"),
    ("registry:-1/app", "BadPort", "a negative port"),
    (":5000/app", "BadRegistry", "a port alone"),
    ("./app", "BadRegistry", "a dot alone: a path on disk"),
    ("../app", "BadRegistry", "the folder above"),
    (".example.org/app", "BadRegistry", "an empty label first"),
    ("example.org./app", "BadRegistry", "the root label: not in this grammar"),
    ("example..org/app", "BadRegistry", "an empty label within"),
    ("-example.org/app", "BadRegistry", "a dash first"),
    ("example-.org/app", "BadRegistry", "a dash before a dot"),
    ("Exa_mple/app", "BadRegistry", "an underscore, and upper case: neither host nor path"),
    ("a_b:80/app", "BadRegistry", "an underscore before a port"),
    ("localhost/", "NoRepository", "a registry alone"),
    ("docker.io/", "NoRepository", "library/ is not a repository"),
    ("ghcr.io/:tag", "NoRepository", "a registry and a tag"),
    ("ghcr.io//app", "EmptyComponent", "two slashes after a registry"),
    ("ghcr.io/app/", "EmptyComponent", "a slash last"),
    ("a_b.c/d", " | a_b.c/d | - | -", "taken for a registry by its dot, but no host: all of it is path"),
    ("a__b.c/d/e:f", " | a__b.c/d/e | f | -", "with a tag"),
    ("a_b.c/D", "UpperCase", "its other components are checked"),
    ("a_b.c/", "NoRepository", "and must be there"),
];

const TAGS: &[Row] = &[
    ("app:latest", "docker.io | library/app | latest | -", "the usual one"),
    ("app:1.36.1-alpine_3", "docker.io | library/app | 1.36.1-alpine_3 | -", "every kind of character"),
    ("app:LATEST", "docker.io | library/app | LATEST | -", "tags have case"),
    ("app:_", "docker.io | library/app | _ | -", "an underscore may be first"),
    ("app:0", "docker.io | library/app | 0 | -", "a digit may be first"),
    ("app:1..2--3__", "docker.io | library/app | 1..2--3__ | -", "no rule on repetition"),
    ("app:v1.", "docker.io | library/app | v1. | -", "a dot may be last"),
    ("app:v1-", "docker.io | library/app | v1- | -", "a dash may be last"),
    ("localhost:5000", "docker.io | library/localhost | 5000 | -", "without a slash the number is a tag"),
    ("example.org:443", "docker.io | library/example.org | 443 | -", "here too"),
    ("app:{a*127}", "docker.io | library/app | {a*127} | -", "one below the longest tag"),
    ("app:{a*128}", "docker.io | library/app | {a*128} | -", "the longest tag"),
    ("app:{a*129}", "TagTooLong", "one character more"),
    ("app:", "EmptyTag", "a colon at the end"),
    ("app:@sha256:{a*64}", "EmptyTag", "a colon before the digest"),
    ("app:.a", "BadTag", "a dot first"),
    ("app:-a", "BadTag", "a dash first"),
    ("app:a:b", "BadTag", "two tags"),
    ("app::a", "BadTag", "two colons"),
    ("ghcr.io/app:a/b", "BadTag", "a slash"),
    ("app:a+b", "BadTag", "semantic versioning's plus: not allowed in a tag"),
    ("app:[a]", "BadTag", "brackets"),
    (":tag", "NoRepository", "a tag alone"),
    ("app: tag", "BadCharacter", "a space before the tag"),
    ("app:tág", "BadCharacter", "letters are ASCII"),
    ("app:١", "BadCharacter", "digits are ASCII"),
];

const DIGESTS: &[Row] = &[
    ("app@sha256:{a*64}", "docker.io | library/app | - | sha256:{a*64}", "the usual one"),
    ("app@sha256:{0f*32}", "docker.io | library/app | - | sha256:{0f*32}", "digits and letters"),
    ("app@sha384:{a*96}", "docker.io | library/app | - | sha384:{a*96}", "registered, if not verified here"),
    ("app@sha512:{a*128}", "docker.io | library/app | - | sha512:{a*128}", "twice as long"),
    ("app:1@sha256:{a*64}", "docker.io | library/app | 1 | sha256:{a*64}", "tag and digest are both kept"),
    ("h:1/a/b:c@sha512:{9*128}", "h:1 | a/b | c | sha512:{9*128}", "all parts at once"),
    ("a_b.c/d@sha256:{a*64}", " | a_b.c/d | - | sha256:{a*64}", "a digest where there is no registry"),
    ("app@sha256:{a*63}", "BadDigest", "one digit short"),
    ("app@sha256:{a*65}", "BadDigest", "one digit long"),
    ("app@sha256:{a*32}", "BadDigest", "long enough for the grammar, not for the algorithm"),
    ("app@sha256:{a*128}", "BadDigest", "another algorithm's length"),
    ("app@sha384:{a*95}", "BadDigest", "one digit short"),
    ("app@sha384:{a*97}", "BadDigest", "one digit long"),
    ("app@sha384:{A*96}", "BadDigest", "upper case"),
    ("app@sha512:{a*127}", "BadDigest", "one digit short"),
    ("app@sha512:{a*64}", "BadDigest", "half of it"),
    ("app@sha256:{A*64}", "BadDigest", "upper case"),
    ("app@sha256:{g*64}", "BadDigest", "not hexadecimal"),
    ("app@SHA256:{a*64}", "BadDigest", "an algorithm in upper case"),
    ("app@sha256:", "BadDigest", "no value"),
    ("app@sha256", "BadDigest", "no colon"),
    ("app@{a*64}", "BadDigest", "no algorithm"),
    ("app@:{a*64}", "BadDigest", "an empty algorithm"),
    ("app@", "BadDigest", "nothing after the at sign"),
    ("app@@sha256:{a*64}", "BadDigest", "two at signs"),
    ("app@sha256:{a*64}:1", "BadDigest", "the tag comes before the digest"),
    ("app@sha256:{a*64}@sha256:{a*64}", "BadDigest", "two digests"),
    ("app@sha256:{a*64}/b", "BadDigest", "a path after the digest"),
    ("app@latest", "BadDigest", "a tag after an at sign"),
    ("user@example.org/app", "BadDigest", "a user name before a registry"),
    ("app@md5:{a*32}", "UnsupportedAlgorithm", "not registered"),
    ("app@sha1:{a*40}", "UnsupportedAlgorithm", "not registered"),
    ("app@blake3:{a*64}", "UnsupportedAlgorithm", "in the image specification, but not here"),
    ("app@sha256+b64:{a*64}", "UnsupportedAlgorithm", "a compound algorithm"),
    ("@sha256:{a*64}", "NoRepository", "a digest alone"),
    ("sha256:{a*64}", "docker.io | library/sha256 | {a*64} | -", "no at sign: a repository and a tag"),
];

const LENGTHS_AND_IDENTIFIERS: &[Row] = &[
    ("u/{a*252}", "docker.io | u/{a*252} | - | -", "254 characters"),
    ("u/{a*253}", "docker.io | u/{a*253} | - | -", "255, the longest path"),
    ("u/{a*254}", "PathTooLong", "256"),
    ("{a*247}", "docker.io | library/{a*247} | - | -", "255 with what is implied"),
    ("{a*248}", "PathTooLong", "256 with what is implied"),
    ("docker.io/{a*248}", "PathTooLong", "implied here too"),
    ("localhost:5000/{a*255}", "localhost:5000 | {a*255} | - | -", "the registry does not count"),
    ("localhost:5000/{a*256}", "PathTooLong", "the path alone does"),
    ("{a.*99}b/{c*255}", "{a.*99}b | {c*255} | - | -", "a registry may be long"),
    ("h:1/{a/*127}b", "h:1 | {a/*127}b | - | -", "128 components, 255 characters"),
    ("h:1/{a/*128}b", "PathTooLong", "129 components, 257 characters"),
    ("h:1/{a*255}:{b*128}@sha256:{c*64}", "h:1 | {a*255} | {b*128} | sha256:{c*64}", "all at their longest"),
    ("a_b.c/{a*249}", " | a_b.c/{a*249} | - | -", "255 where the first component is path"),
    ("a_b.c/{a*250}", "PathTooLong", "256 there"),
    ("{a*64}", "Identifier", "64 hexadecimal digits are an image ID"),
    ("{0*64}", "Identifier", "digits alone too"),
    ("{a*63}", "docker.io | library/{a*63} | - | -", "63 are a name"),
    ("{a*65}", "docker.io | library/{a*65} | - | -", "65 are a name"),
    ("{g*64}", "docker.io | library/{g*64} | - | -", "not hexadecimal: a name"),
    ("{a*64}:1", "docker.io | library/{a*64} | 1 | -", "with a tag it is a name"),
    ("library/{a*64}", "docker.io | library/{a*64} | - | -", "in full it is a name"),
    ("{A*64}", "UpperCase", "an image ID is in lower case"),
];

const NOT_REFERENCES: &[Row] = &[
    ("", "Empty", "nothing"),
    (" ", "BadCharacter", "a space alone"),
    (" app", "BadCharacter", "a space first: nothing is trimmed here"),
    ("app ", "BadCharacter", "a space last"),
    ("hello world", "BadCharacter", "a space within"),
    ("app\n", "BadCharacter", "a line feed last: the end is the end"),
    ("app:1\n", "BadCharacter", "after a tag too"),
    ("\tapp", "BadCharacter", "a tab"),
    ("app\r\n", "BadCharacter", "as pasted from a Windows file"),
    ("app\0", "BadCharacter", "a zero byte"),
    ("app\u{a0}", "BadCharacter", "a no-break space"),
    ("\u{feff}app", "BadCharacter", "a byte order mark"),
    ("café", "BadCharacter", "a letter outside ASCII"),
    ("CAFÉ", "BadCharacter", "its upper case"),
    ("bücher.example/app", "BadCharacter", "international names are written in their ASCII form"),
    ("\u{212a}ube", "BadCharacter", "the Kelvin sign, whose lower case is an ASCII letter"),
    ("a%2fb", "BadCharacter", "nothing is percent-decoded"),
    ("app?tag=1", "BadCharacter", "a query"),
    ("app#1", "BadCharacter", "a fragment"),
    ("a\\b", "BadCharacter", "a backslash"),
    ("a*", "BadCharacter", "a pattern"),
    ("<app>", "BadCharacter", "markup"),
    ("https://ghcr.io/app", "Scheme", "a URL"),
    ("http://localhost:5000/app", "Scheme", "a URL without TLS"),
    ("HTTPS://ghcr.io/app", "Scheme", "in upper case"),
    ("docker://app", "Scheme", "another tool's prefix"),
    ("oci-archive://a", "Scheme", "a scheme with a dash"),
    ("docker:app", "docker.io | library/docker | app | -", "no slashes, no scheme: a tag"),
    ("://a", "BadRegistry", "no scheme either"),
    ("[::1]://a", "BadPort", "a colon after brackets is a port's"),
];

#[test]
fn each_row_comes_out_as_it_says() {
    let tables = [NAMES, REGISTRIES, TAGS, DIGESTS, LENGTHS_AND_IDENTIFIERS, NOT_REFERENCES];
    let mut wrong = Vec::new();
    for (input, expected, why) in tables.into_iter().flatten() {
        let outcome = outcome(&expand(input));
        if outcome != expand(expected) {
            wrong.push(format!("{input:?} ({why})\n  expected {expected}\n  came out {outcome}"));
        }
    }
    assert!(wrong.is_empty(), "{} rows:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn the_canonical_form_is_complete() {
    for (input, expected) in [
        ("hello-world", "docker.io/library/hello-world:latest"),
        ("alice/app:1", "docker.io/alice/app:1"),
        ("ghcr.io/a@sha256:{a*64}", "ghcr.io/a@sha256:{a*64}"),
        ("ghcr.io/a:1@sha256:{a*64}", "ghcr.io/a:1@sha256:{a*64}"),
        ("a_b.c/d", "a_b.c/d:latest"),
    ] {
        let reference: Reference = expand(input).parse().unwrap();
        assert_eq!(reference.canonical(), expand(expected));
        assert_eq!(reference.to_string(), expand(expected));
    }
}

fn outcome(text: &str) -> String {
    match text.parse::<Reference>() {
        Ok(reference) => {
            let repository = reference.repository();
            let tag = reference.tag().unwrap_or("-");
            let digest = reference.digest().map_or("-".to_owned(), |digest| digest.to_string());
            format!("{} | {} | {tag} | {digest}", repository.registry(), repository.path())
        }
        Err(error) => format!("{error:?}").split(' ').next().unwrap_or_default().to_owned(),
    }
}

/// Writes out `{text*count}`.
fn expand(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, (piece, (count, after)))) = rest.split_once('{').and_then(|(before, tail)| {
        let (piece, tail) = tail.split_once('*')?;
        Some((before, (piece, tail.split_once('}')?)))
    }) {
        out.push_str(before);
        out.push_str(&piece.repeat(count.parse().unwrap_or_default()));
        rest = after;
    }
    out + rest
}
