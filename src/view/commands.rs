//! The same request by other tools, ready for a POSIX shell.

use crate::digest::Digest;
use crate::http::{Method, Url};
use crate::redact;
use crate::reference::Reference;
use crate::trace::{Entry, Role};

/// One command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Command {
    /// The tool.
    pub tool: &'static str,
    /// The line to run.
    pub line: String,
}

/// The commands that do what a request did: `curl` for each, and the tools of the field where they have one.
/// `image` is the manifest that names what was asked for.
pub fn commands(entry: &Entry, image: Option<&Digest>) -> Vec<Command> {
    let curl = Command { tool: "curl", line: curl(entry) };
    let Some(asked) = Asked::of(entry) else { return vec![curl] };
    let tools = [
        ("crane", asked.crane()),
        ("regctl", asked.regctl()),
        ("skopeo", asked.skopeo(image)),
        ("oras", asked.oras()),
    ];
    std::iter::once(curl).chain(tools.into_iter().map(|(tool, line)| Command { tool, line })).collect()
}

/// What pulls and checks an image without a browser.
pub fn without_browser(reference: &Reference) -> Vec<Command> {
    let image = reference.canonical();
    [
        ("crane", format!("crane validate --remote {}", quoted(&image))),
        ("regctl", format!("regctl manifest get {}", quoted(&image))),
        ("skopeo", format!("skopeo copy {} dir:image", quoted(&format!("docker://{image}")))),
    ]
    .map(|(tool, line)| Command { tool, line })
    .into()
}

fn curl(entry: &Entry) -> String {
    let mut line =
        String::from(if entry.method == Method::Head { "curl --head" } else { "curl --location --silent" });
    for (name, value) in &entry.sent {
        line += " --header ";
        line += &quoted(&format!("{name}: {}", redact::header(name, value)));
    }
    let url = redact::url(&entry.url);
    // curl would make several addresses of one with brackets.
    if url.as_str().contains(['[', ']', '{', '}']) {
        line += " --globoff";
    }
    line.push(' ');
    line += &quoted(url.as_str());
    // What is asked for by its digest can be held against it at once.
    if entry.method == Method::Get && entry.purpose.digest.is_some() {
        line += if entry.url.path().contains("sha512:") { " | sha512sum" } else { " | sha256sum" };
    }
    line
}

/// What a request asked for, as the tools name it.
struct Asked {
    kind: Kind,
    /// `registry/repository`.
    repository: String,
    /// `:tag` or `@digest`.
    which: String,
    /// The registry, where it is spoken to without TLS.
    plain: Option<String>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Digest,
    Manifest,
    Config,
    Blob,
}

impl Asked {
    fn of(entry: &Entry) -> Option<Asked> {
        let kind = match entry.purpose.role {
            Role::Tag if entry.method == Method::Head => Kind::Digest,
            Role::Tag | Role::Index | Role::Manifest => Kind::Manifest,
            Role::Config => Kind::Config,
            Role::Layer => Kind::Blob,
            _ => return None,
        };
        let (repository, which) = target(&entry.url)?;
        let host = match entry.url.host() {
            "registry-1.docker.io" => "docker.io",
            host => host,
        };
        let sign = if which.contains(':') { '@' } else { ':' };
        Some(Asked {
            kind,
            repository: format!("{host}/{repository}"),
            which: format!("{sign}{which}"),
            plain: (entry.url.scheme() == "http").then(|| host.to_owned()),
        })
    }

    fn whole(&self) -> String {
        quoted(&format!("{}{}", self.repository, self.which))
    }

    fn flag(&self, flag: &str) -> String {
        if self.plain.is_some() { format!(" {flag}") } else { String::new() }
    }

    fn crane(&self) -> String {
        let what = match self.kind {
            Kind::Digest => "digest",
            Kind::Manifest => "manifest",
            Kind::Config | Kind::Blob => "blob",
        };
        format!("crane {what}{} {}", self.flag("--insecure"), self.whole())
    }

    fn regctl(&self) -> String {
        let host = self
            .plain
            .as_ref()
            .map(|host| format!(" --host {}", quoted(&format!("reg={host},tls=disabled"))));
        let host = host.unwrap_or_default();
        match self.kind {
            Kind::Digest => format!("regctl manifest head{host} {}", self.whole()),
            Kind::Manifest => format!("regctl manifest get{host} --format raw-body {}", self.whole()),
            Kind::Config | Kind::Blob => {
                let digest = quoted(self.which.trim_start_matches('@'));
                format!("regctl blob get{host} {} {digest}", quoted(&self.repository))
            }
        }
    }

    fn skopeo(&self, image: Option<&Digest>) -> String {
        let tls = self.flag("--tls-verify=false") + " --no-creds";
        if let (Kind::Config, Some(digest)) = (self.kind, image) {
            let image = quoted(&format!("docker://{}@{digest}", self.repository));
            return format!("skopeo inspect{tls} --config --raw {image}");
        }
        let image = quoted(&format!("docker://{}{}", self.repository, self.which));
        match self.kind {
            Kind::Digest => format!("skopeo inspect{tls} --format '{{{{.Digest}}}}' {image}"),
            Kind::Manifest => format!("skopeo inspect{tls} --raw {image}"),
            Kind::Config | Kind::Blob => {
                "# skopeo has no command for a single blob; skopeo copy fetches all".to_owned()
            }
        }
    }

    fn oras(&self) -> String {
        let what = match self.kind {
            Kind::Digest => "resolve",
            Kind::Manifest => "manifest fetch",
            Kind::Config | Kind::Blob => "blob fetch --output -",
        };
        format!("oras {what}{} {}", self.flag("--plain-http"), self.whole())
    }
}

/// Repository, and tag or digest, of an address `/v2/<repository>/(manifests|blobs)/<which>`.
fn target(url: &Url) -> Option<(&str, &str)> {
    let path = url.path().strip_prefix("/v2/")?;
    ["/manifests/", "/blobs/"].into_iter().find_map(|part| path.rsplit_once(part))
}

/// One word of a POSIX shell.
fn quoted(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"_@%+=:,./-".contains(&byte);
    if !text.is_empty() && text.bytes().all(plain) {
        return text.to_owned();
    }
    format!("'{}'", text.replace('\'', "'\\''"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::digest::Digest;
    use crate::view::samples::entry;

    fn lines(role: Role, method: Method, url: &str) -> Vec<String> {
        let mut entry = entry(role, url);
        entry.method = method;
        entry.sent =
            vec![("Accept".into(), "a/b, c/d".into()), ("Authorization".into(), "Bearer secret".into())];
        entry.purpose.digest = (role == Role::Layer).then(|| Digest::sha256(b""));
        commands(&entry, Some(&Digest::sha256(b""))).into_iter().map(|command| command.line).collect()
    }

    #[test]
    fn each_tool_has_its_way() {
        assert_eq!(
            lines(
                Role::Tag,
                Method::Head,
                "https://registry-1.docker.io/v2/library/hello-world/manifests/latest"
            ),
            [
                "curl --head --header 'Accept: a/b, c/d' --header 'Authorization: REDACTED' \
                 https://registry-1.docker.io/v2/library/hello-world/manifests/latest",
                "crane digest docker.io/library/hello-world:latest",
                "regctl manifest head docker.io/library/hello-world:latest",
                "skopeo inspect --no-creds --format '{{.Digest}}' docker://docker.io/library/hello-world:latest",
                "oras resolve docker.io/library/hello-world:latest",
            ]
        );
        let plain = lines(Role::Layer, Method::Get, "http://127.0.0.1:5000/v2/a/b/blobs/sha256:00");
        assert!(
            plain[0].ends_with(" http://127.0.0.1:5000/v2/a/b/blobs/sha256:00 | sha256sum"),
            "{}",
            plain[0]
        );
        assert_eq!(
            plain[1..],
            [
                "crane blob --insecure 127.0.0.1:5000/a/b@sha256:00",
                "regctl blob get --host reg=127.0.0.1:5000,tls=disabled 127.0.0.1:5000/a/b sha256:00",
                "# skopeo has no command for a single blob; skopeo copy fetches all",
                "oras blob fetch --output - --plain-http 127.0.0.1:5000/a/b@sha256:00",
            ]
        );
        assert_eq!(lines(Role::Redirect, Method::Get, "https://cdn/x").len(), 1);
        let config = lines(Role::Config, Method::Get, "https://r.example/v2/a/blobs/sha256:00");
        let image = Digest::sha256(b"");
        assert_eq!(
            config[3],
            format!("skopeo inspect --no-creds --config --raw docker://r.example/a@{image}")
        );
        let braces = &lines(Role::Redirect, Method::Get, "https://cdn/{a,b}")[0];
        assert!(braces.ends_with(" --globoff 'https://cdn/{a,b}'"), "{braces}");
    }

    #[test]
    fn a_shell_takes_each_word_as_it_was() {
        for word in ["it's", "a';$HOME;'", "`id` $(id)", "a b\nc", "\\", "", "plain-1.0:x@y"] {
            let script = format!("printf %s {}", quoted(word));
            let ran = std::process::Command::new("sh").args(["-c", &script]).output().unwrap();
            assert_eq!(String::from_utf8(ran.stdout).unwrap(), word, "{script}");
        }
    }
}
