//! Requests: the routes that there are, bodies that fit them, and both altered.

use arbitrary::Arbitrary;
use axum::body::Body;
use axum::http::Request;

use super::house::{House, Person};

/// Methods, and paths with a lock, a user and a number to be filled in.
const ROUTES: &[(&str, &str)] = &[
    ("GET", "/health"),
    ("POST", "/users"),
    ("POST", "/users/{user}/tokens"),
    ("DELETE", "/users/{user}/tokens/{number}"),
    ("POST", "/users/{user}/tokens/{number}/lost"),
    ("GET", "/locks"),
    ("POST", "/locks"),
    ("GET", "/locks/{lock}"),
    ("GET", "/locks/{lock}/audit"),
    ("PUT", "/locks/{lock}/rights/{user}"),
    ("POST", "/locks/{lock}/commands"),
    ("GET", "/locks/{lock}/commands/{number}"),
    ("GET", "/locks/{lock}/offline-codes"),
    ("POST", "/locks/{lock}/offline-codes"),
    ("POST", "/locks/{lock}/offline-codes/series"),
    ("GET", "/locks/{lock}/virtual-keys"),
    ("POST", "/locks/{lock}/virtual-keys"),
    ("POST", "/locks/{lock}/virtual-keys/revoke"),
    ("POST", "/locks/{lock}/virtual-keys/{number}/revoke"),
    ("POST", "/locks/{lock}/release"),
    ("POST", "/locks/{lock}/give-up"),
    ("GET", "/locks/{lock}/rotation"),
    ("POST", "/locks/{lock}/rotation"),
    ("GET", "/locks/{lock}/items"),
    ("POST", "/locks/{lock}/items/restore"),
    ("GET", "/locks/{lock}/backups"),
    ("GET", "/locks/{lock}/backup"),
    ("GET", "/locks/{lock}/update"),
    ("POST", "/locks/{lock}/update"),
    ("POST", "/locks/{lock}/update/install"),
    ("GET", "/locks/{lock}/log"),
    ("GET", "/locks/{lock}/log/export"),
    ("POST", "/locks/{lock}/log/key"),
    ("GET", "/locks/{lock}/relay"),
    ("GET", "/locks/{lock}/claim"),
    ("GET", "/firmware"),
    ("POST", "/firmware?model=1&version=2&rollback_index=1"),
];

const METHODS: [&str; 7] = ["GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "HEAD"];

/// Bodies that some route takes.
const BODIES: &[&str] = &[
    r#"{"name":"eve"}"#,
    r#"{"lock_id":"00112233445566778899aabbccddeeff","root":"3132333435363738393a3b3c3d3e3f404142434445464748494a4b4c4d4e4f50","name":"shed","profile":"X"}"#,
    r#"{"rights":["status","lock","unlock","configure","relay","own"]}"#,
    r#"{"action":"unlock","client_token":"one"}"#,
    r#"{"action":"lock","client_token":"two","valid_for_seconds":60}"#,
    r#"{"action":{"auto_relock":{"seconds":30}},"client_token":"three"}"#,
    r#"{"action":{"set_pin":{"slot":2,"digits":"31415926","user":0,"programming":true}},"client_token":"four"}"#,
    r#"{"action":{"set_token":{"slot":3,"kind":"Rfid","id":"00ff"}},"client_token":"five"}"#,
    r#"{"action":{"clear_pin":{"slot":1}},"client_token":"six"}"#,
    r#"{"action":{"set_mode":{"mode":"Vacation"}},"client_token":"seven"}"#,
    r#"{"action":"end_lockout","client_token":"eight"}"#,
    r#"{"action":{"clear":{"table":"Users","slot":0}},"client_token":"nine"}"#,
    r#"{"action":{"set_night":{"night":null}},"client_token":"ten"}"#,
    r#"{"class":"Once","start":null}"#,
    r#"{"wish":"allow","client_token":"eleven"}"#,
    r#"{"label":"cleaner","conditions":{"rights":["unlock"],"depth":2,"not_before":1,"not_after":4102444800000,"single_use":true,"staleness":3600,"weekly":{"days":127,"from":0,"until":60}}}"#,
    r#"{"label":"plumber","conditions":{},"holder":"7777777777777777777777777777777777777777777777777777777777777777"}"#,
    r#"{"client_token":"twelve"}"#,
    r#"{"revoke_all_where_needed":true}"#,
    r#"{"from":0}"#,
    r#"{"version":2,"model":1,"install":"automatic","trial_s":600}"#,
    r#"{"version":2}"#,
    r#"{"clear_foreign":true,"from_backup":true}"#,
];

#[derive(Arbitrary, Debug)]
enum Place {
    Known(u8),
    Text(String),
}

#[derive(Arbitrary, Debug)]
enum Said {
    Nothing,
    Sample(u8),
    /// A sample, with these bytes in place of as many at this place.
    Altered(u8, u16, Vec<u8>),
    /// A sample, with these bytes between its own.
    Longer(u8, u16, Vec<u8>),
    Bytes(Vec<u8>),
}

/// A request, by any numbers.
#[derive(Arbitrary, Debug)]
pub(super) struct Call {
    who: Person,
    route: u8,
    method: Option<u8>,
    lock: Place,
    user: u8,
    number: Option<String>,
    query: Option<String>,
    is_upgrade: bool,
    body: Said,
}

impl Call {
    pub(super) const fn who(&self) -> Person {
        self.who
    }

    /// The request, and all that it says as text; `None` where no client could send it.
    pub(super) fn request(&self, house: &House) -> Option<(Request<Body>, String)> {
        let (method, path) = ROUTES[usize::from(self.route) % ROUTES.len()];
        let method = self.method.map_or(method, |any| METHODS[usize::from(any) % METHODS.len()]);
        let lock = match &self.lock {
            Place::Known(which) => House::LOCKS[usize::from(*which) % House::LOCKS.len()],
            Place::Text(text) => text,
        };
        let number = self.number.as_deref().unwrap_or("1");
        let path = path
            .replace("{lock}", lock)
            .replace("{user}", &(self.user % 6).to_string())
            .replace("{number}", number);
        let query = self.query.as_ref().map_or(String::new(), |query| format!("?{query}"));
        let uri = format!("/v1{path}{query}");
        let body = self.body.bytes();
        let said = format!("{uri}\n{}", String::from_utf8_lossy(&body));
        let mut request = Request::builder().method(method).uri(uri);
        if let Some(token) = house.tokens.of(self.who) {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        if self.is_upgrade {
            request = request
                .header("connection", "upgrade")
                .header("upgrade", "websocket")
                .header("sec-websocket-version", "13")
                .header("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ==");
        }
        Some((request.body(Body::from(body)).ok()?, said))
    }
}

impl Said {
    fn bytes(&self) -> Vec<u8> {
        let sample = |which: u8| BODIES[usize::from(which) % BODIES.len()].as_bytes().to_vec();
        match self {
            Self::Nothing => Vec::new(),
            Self::Sample(which) => sample(*which),
            Self::Altered(which, at, bytes) => {
                let mut body = sample(*which);
                let at = usize::from(*at) % body.len();
                body[at..].iter_mut().zip(bytes).for_each(|(to, from)| *to = *from);
                body
            }
            Self::Longer(which, at, bytes) => {
                let mut body = sample(*which);
                let at = usize::from(*at) % body.len();
                body.splice(at..at, bytes.iter().copied());
                body
            }
            Self::Bytes(bytes) => bytes.clone(),
        }
    }
}
