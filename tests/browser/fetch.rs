//! The fetch transport, against a `fetch` that does what each test says.

use std::future::Future;

use registry_inspector::browser::fetch::Fetch;
use registry_inspector::http::{Field, Method, Request, Visibility};
use registry_inspector::transport::{Body, Transport, TransportError};
use wasm_bindgen::JsValue;
use wasm_bindgen_test::wasm_bindgen_test;
use web_sys::AbortController;

/// Puts a function in the place of `fetch`, and the real one back.
struct Replaced(JsValue);

impl Replaced {
    fn with(body: &str) -> Replaced {
        let global = js_sys::global();
        let real = js_sys::Reflect::get(&global, &"fetch".into()).unwrap();
        let function = js_sys::Function::new_with_args("url, init", body);
        js_sys::Reflect::set(&global, &"fetch".into(), &function).unwrap();
        Replaced(real)
    }
}

impl Drop for Replaced {
    fn drop(&mut self) {
        js_sys::Reflect::set(&js_sys::global(), &"fetch".into(), &self.0).unwrap();
    }
}

fn request() -> Request {
    let headers = vec![("Accept".to_owned(), "a/b".to_owned())];
    Request { method: Method::Get, url: "https://registry.example/v2/".parse().unwrap(), headers }
}

fn fetch() -> (Fetch, AbortController) {
    let controller = AbortController::new().unwrap();
    (Fetch::new(&controller.signal()), controller)
}

async fn read(body: &mut impl Body) -> Result<Vec<u8>, TransportError> {
    let mut all = Vec::new();
    while let Some(bytes) = body.chunk().await? {
        all.extend(bytes);
    }
    Ok(all)
}

fn global(name: &str) -> JsValue {
    js_sys::Reflect::get(&js_sys::global(), &name.into()).unwrap()
}

#[wasm_bindgen_test]
async fn a_response_becomes_a_head_and_a_body() {
    let _fetch = Replaced::with(
        "globalThis.asked = [url, init.method, init.mode, init.credentials, init.cache, init.referrerPolicy, \
           new Headers(init.headers).get('accept')].join(' '); \
         return Promise.resolve(new Response('hello', { status: 203, headers: { 'X-A': 'b' } }));",
    );
    let (fetch, _controller) = fetch();
    let mut response = fetch.send(&request()).await.unwrap();
    let asked = global("asked").as_string().unwrap();
    assert_eq!(asked, "https://registry.example/v2/ GET cors omit no-store no-referrer a/b");
    assert_eq!(response.head.status, Some(203));
    assert_eq!(response.head.headers.get("x-a"), Field::Present("b"));
    assert_eq!(response.head.followed_to, None);
    assert_eq!(response.body.timings().receive, None, "not known before the end");
    assert_eq!(read(&mut response.body).await.unwrap(), b"hello");
    let timings = response.body.timings();
    assert!(timings.started.unwrap() > 1.5e12, "since the Unix epoch, in milliseconds");
    assert!(timings.wait.unwrap() >= 0.0 && timings.receive.unwrap() >= 0.0);
}

#[wasm_bindgen_test]
async fn an_opaque_failure_names_the_causes_and_guesses_none() {
    let _fetch = Replaced::with("return Promise.reject(new TypeError('Failed to fetch'));");
    let (fetch, _controller) = fetch();
    match fetch.send(&request()).await {
        Err(TransportError::NoResponse { detail, timings }) => {
            for part in ["Failed to fetch", "down", "certificate", "http", "Access-Control-Allow-Origin"] {
                assert!(detail.contains(part), "{part}: {detail}");
            }
            assert!(timings.wait.is_some());
        }
        other => panic!("{:?}", other.map(|response| response.head)),
    }
}

#[wasm_bindgen_test]
async fn the_signal_ends_a_request() {
    let _fetch = Replaced::with(
        "return new Promise((_, no) => init.signal.addEventListener('abort', () => no(init.signal.reason)));",
    );
    let (fetch, controller) = fetch();
    let asked = request();
    let mut sending = std::pin::pin!(fetch.send(&asked));
    std::future::poll_fn(|context| {
        assert!(sending.as_mut().poll(context).is_pending());
        std::task::Poll::Ready(())
    })
    .await;
    controller.abort();
    assert_eq!(sending.await.map(|response| response.head), Err(TransportError::Aborted));
}

#[wasm_bindgen_test]
async fn a_body_that_breaks_off_is_not_an_end() {
    let _fetch = Replaced::with(
        "let sent = false; \
         const pull = c => sent ? c.error(new TypeError('network error')) \
                                : (sent = true, c.enqueue(new Uint8Array([1, 2]))); \
         return Promise.resolve(new Response(new ReadableStream({ pull })));",
    );
    let (fetch, _controller) = fetch();
    let mut response = fetch.send(&request()).await.unwrap();
    assert_eq!(response.body.chunk().await, Ok(Some(vec![1, 2])));
    let detail = "network error".to_owned();
    assert_eq!(response.body.chunk().await, Err(TransportError::Interrupted { detail }));
}

#[wasm_bindgen_test]
async fn a_followed_redirect_leaves_its_last_address() {
    let _fetch = Replaced::with(
        "const response = new Response('x'); \
         Object.defineProperty(response, 'redirected', { value: true }); \
         Object.defineProperty(response, 'url', { value: 'https://cdn.example/x' }); \
         return Promise.resolve(response);",
    );
    let (fetch, _controller) = fetch();
    let head = fetch.send(&request()).await.unwrap().head;
    assert_eq!(head.followed_to.map(|url| url.to_string()).as_deref(), Some("https://cdn.example/x"));
}

#[wasm_bindgen_test]
async fn what_cors_may_hide_is_not_absent() {
    for (kind, visibility, expected) in [
        ("cors", Visibility::CorsFiltered, Field::NotExposed),
        ("basic", Visibility::Complete, Field::Absent),
    ] {
        let _fetch = Replaced::with(&format!(
            "const response = new Response('x'); \
             Object.defineProperty(response, 'type', {{ value: '{kind}' }}); \
             return Promise.resolve(response);"
        ));
        let (fetch, _controller) = fetch();
        let head = fetch.send(&request()).await.unwrap().head;
        assert_eq!(head.headers.visibility(), visibility);
        assert_eq!(head.headers.get("docker-content-digest"), expected);
    }
}

#[wasm_bindgen_test]
async fn a_body_that_nobody_wants_is_not_downloaded() {
    let _fetch = Replaced::with(
        "globalThis.cancelled = false; \
         const cancel = () => { globalThis.cancelled = true; }; \
         return Promise.resolve(new Response(new ReadableStream({ cancel })));",
    );
    let (fetch, _controller) = fetch();
    drop(fetch.send(&request()).await.unwrap());
    assert!(global("cancelled").is_truthy());
}
