//! What the module exports, called as JavaScript calls it.

use registry_inspector::browser::exports::{inspect, parse_reference};
use registry_inspector::digest::Digest;
use wasm_bindgen::prelude::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_test::wasm_bindgen_test;

const HELLO_WORLD: &str = include_str!("../../www/recordings/hello-world.har");

fn get(value: &JsValue, path: &str) -> JsValue {
    path.split('.').fold(value.clone(), |value, name| js_sys::Reflect::get(&value, &name.into()).unwrap())
}

fn options(pairs: &[(&str, JsValue)]) -> JsValue {
    let object = js_sys::Object::new();
    for (name, value) in pairs {
        js_sys::Reflect::set(&object, &(*name).into(), value).unwrap();
    }
    object.into()
}

fn code(error: &JsValue) -> String {
    get(error, "code").as_string().unwrap()
}

#[wasm_bindgen_test]
async fn a_recording_is_inspected_as_text_and_as_an_object() {
    let object = js_sys::JSON::parse(HELLO_WORLD).unwrap();
    for recording in [JsValue::from_str(HELLO_WORLD), object] {
        let report = inspect(None, options(&[("recording", recording)])).await.unwrap();
        assert_eq!(get(&report, "verdict"), "unchecked");
        assert_eq!(get(&report, "reference.canonical"), "docker.io/library/hello-world:latest");
        assert_eq!(get(&report, "root.kind"), "index");
        assert_eq!(get(&report, "root.verdict"), "verified");
        assert_eq!(get(&report, "root.size"), 2562);
        assert_eq!(get(&report, "root.children.0.children.1.findings.0.code"), "not-recorded");
        assert_eq!(get(&report, "requests.3.redirected.known"), "observed");
        assert_eq!(get(&report, "requests.4.status"), JsValue::NULL);
        assert_eq!(get(&report, "requests.0.startedMs"), JsValue::NULL);
        assert_eq!(get(&report, "problem"), JsValue::UNDEFINED);
    }
}

#[wasm_bindgen_test]
async fn what_makes_no_report_rejects_with_a_code() {
    let pair = |name, value: &str| options(&[(name, value.into())]);
    for (reference, options, expected) in [
        (None, JsValue::UNDEFINED, "no-reference"),
        (Some("Upper/Case"), JsValue::UNDEFINED, "invalid-reference"),
        (None, pair("recording", "{}"), "invalid-recording"),
        (None, pair("recording", r#"{"log":{"entries":[]}}"#), "no-reference"),
        (Some("a"), pair("platform", "linux"), "invalid-platform"),
        (Some("a"), pair("layers", "some"), "invalid-option"),
        (Some("a"), options(&[("layers", 1.into())]), "invalid-option"),
        (Some("a"), options(&[("platform", true.into())]), "invalid-option"),
        (Some("a"), pair("workers", "two"), "invalid-option"),
        (Some("a"), pair("signal", "stop"), "invalid-option"),
        (Some("a"), pair("onEvent", "log"), "invalid-option"),
        (Some("a"), pair("relay", "nowhere"), "invalid-option"),
        (Some("a"), options(&[("credentials", pair("user", "ada"))]), "invalid-option"),
    ] {
        let error = inspect(reference.map(str::to_owned), options).await.unwrap_err();
        assert_eq!(code(&error), expected);
        assert!(error.is_instance_of::<js_sys::Error>());
    }
}

#[wasm_bindgen_test]
async fn an_aborted_signal_rejects() {
    let controller = web_sys::AbortController::new().unwrap();
    controller.abort();
    let given = options(&[("signal", controller.signal().into()), ("recording", HELLO_WORLD.into())]);
    assert_eq!(code(&inspect(None, given).await.unwrap_err()), "aborted");
}

#[wasm_bindgen_test]
async fn a_listener_that_throws_does_not_end_the_pull() {
    let on_event = js_sys::Function::new_with_args("event", "throw new Error(event.type)");
    let given = options(&[("onEvent", on_event.into()), ("recording", HELLO_WORLD.into())]);
    let report = inspect(None, given).await.unwrap();
    assert_eq!(get(&report, "root.verdict"), "verified");
}

#[wasm_bindgen_test]
fn references_are_taken_apart_or_refused() {
    let parsed = parse_reference("localhost:5000/a/b:1").unwrap();
    assert_eq!(get(&parsed, "registry"), "localhost:5000");
    assert_eq!(get(&parsed, "repository"), "a/b");
    assert_eq!(get(&parsed, "tag"), "1");
    assert_eq!(get(&parsed, "digest"), JsValue::UNDEFINED);
    for text in ["https://localhost:5000/a", "a:b:c", ""] {
        assert_eq!(code(&parse_reference(text).unwrap_err()), "invalid-reference", "{text:?}");
    }
}

/// A recording of a manifest whose layer has such a size.
fn recording_of_size(size: &str) -> String {
    let config = "{}";
    let digest = |text: &str| Digest::sha256(text.as_bytes());
    let manifest = format!(
        r#"{{"schemaVersion":2,"mediaType":"{MANIFEST}","config":{{"mediaType":"application/vnd.oci.image.config.v1+json","digest":"{}","size":2}},"layers":[{{"mediaType":"application/vnd.oci.image.layer.v1.tar","digest":"{}","size":{size}}}]}}"#,
        digest(config),
        digest("layer"),
    );
    let entry = |path: String, text: &str| {
        let text = js_sys::JSON::stringify(&text.into()).map(String::from).unwrap();
        format!(
            r#"{{"request":{{"method":"GET","url":"https://r.example/v2/a/{path}"}},"response":{{"status":200,"headers":[{{"name":"content-type","value":"{MANIFEST}"}}],"content":{{"text":{text}}}}}}}"#
        )
    };
    let entries = [
        entry("manifests/1".to_owned(), &manifest),
        entry(format!("manifests/{}", digest(&manifest)), &manifest),
        entry(format!("blobs/{}", digest(config)), config),
    ];
    format!(r#"{{"log":{{"entries":[{}]}}}}"#, entries.join(","))
}

const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";

#[wasm_bindgen_test]
async fn a_number_that_javascript_cannot_hold_is_a_text_in_the_report() {
    for (size, expected) in [
        ("9007199254740991", JsValue::from(9_007_199_254_740_991_f64)),
        ("9007199254740992", "9007199254740992".into()),
        ("9223372036854775807", "9223372036854775807".into()),
    ] {
        let told = js_sys::Array::new();
        let heard = Closure::<dyn FnMut(JsValue)>::new({
            let told = told.clone();
            move |event| {
                let _length = told.push(&event);
            }
        });
        let asked = [
            ("recording", recording_of_size(size).as_str().into()),
            ("layers", "skip".into()),
            ("onEvent", heard.as_ref().clone()),
        ];
        let report = inspect(None, options(&asked)).await.unwrap();
        assert_eq!(get(&report, "root.children.1.size"), expected, "{size}");
        let seen =
            told.iter().any(|event| get(&event, "type") == "object" && get(&event, "node.size") == expected);
        assert!(seen, "{size}: no event told of it");
    }
}
