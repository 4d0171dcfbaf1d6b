//! A service on a free port of this machine, with its own files, and those who call it.

use std::io::Write;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use cloud::access::Access;
use cloud::client::Client;
use cloud::log::Log;
use cloud::messages::NewLock;
use cloud::{Places, Right, Service, import_maker_secrets, initialise};
use lock_fleet::proto::Profile;
use lock_fleet::{ClaimProof, Fleet, KeyEncryptionKey, SqliteStore};
use serde_json::Value;
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

pub(crate) const LOCK_ID: [u8; 16] = *b"the front door's";
pub(crate) const ROOT: [u8; 32] = *b"thirty-two bytes from the source";

pub(crate) fn lock_hex() -> String {
    hex::encode(LOCK_ID)
}

/// What the service wrote.
#[derive(Clone, Default)]
pub(crate) struct Lines(Arc<Mutex<Vec<u8>>>);

impl Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl Lines {
    pub(crate) fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }

    /// The lines about a fact.
    pub(crate) fn about(&self, fact: &str) -> Vec<String> {
        let wanted = format!(" fact={fact} ");
        self.text().lines().map(|line| format!("{line} ")).filter(|line| line.contains(&wanted)).collect()
    }
}

pub(crate) struct World {
    pub(crate) folder: TempDir,
    pub(crate) address: SocketAddr,
    pub(crate) admin: String,
    pub(crate) log: Lines,
    stop: Option<oneshot::Sender<()>>,
    serving: JoinHandle<std::io::Result<()>>,
}

pub(crate) fn places(folder: &TempDir) -> Places {
    let place = |name| folder.path().join(name);
    Places { database: place("fleet.db"), kek: place("kek"), admin_token: place("admin") }
}

impl World {
    /// A new service with one lock.
    pub(crate) async fn start() -> Self {
        Self::with(new_lock()).await
    }

    /// A new service with this lock.
    pub(crate) async fn with(lock: NewLock) -> Self {
        let folder = tempfile::tempdir().unwrap();
        initialise(&places(&folder)).unwrap();
        let world = Self::open(folder).await;
        world.rest(&world.admin, move |admin| admin.register_lock(&lock).unwrap()).await;
        world
    }

    /// A new service without a lock; its operator has what the maker registered for one.
    pub(crate) async fn with_maker_secret(secret: [u8; 32]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        initialise(&places(&folder)).unwrap();
        import_secret(&folder, secret);
        Self::open(folder).await
    }

    /// A new service without a lock, whose operator lets a label alone suffice.
    pub(crate) async fn with_labels_alone() -> Self {
        let folder = tempfile::tempdir().unwrap();
        initialise(&places(&folder)).unwrap();
        Self::open_with(folder, ClaimProof::LabelAlone).await
    }

    /// The service of a folder.
    pub(crate) async fn open(folder: TempDir) -> Self {
        Self::open_with(folder, ClaimProof::MakerSecret).await
    }

    async fn open_with(folder: TempDir, proof: ClaimProof) -> Self {
        let places = places(&folder);
        let admin = std::fs::read_to_string(&places.admin_token).unwrap().trim().to_owned();
        let store = SqliteStore::open(&places.database).unwrap();
        let fleet = Fleet::open(store, KeyEncryptionKey::load(&places.kek).unwrap()).unwrap();
        let access = Access::open(&Access::beside(&places.database)).unwrap();
        let log = Lines::default();
        let service = Service::new(fleet, access, Log::to(log.clone()), &places.database, proof);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, stopped) = oneshot::channel();
        let serving = tokio::spawn(service.serve(listener, async {
            let _ = stopped.await;
        }));
        Self { folder, address, admin, log, stop: Some(stop), serving }
    }

    /// Asks it to end and waits until it has.
    pub(crate) async fn stop(mut self) -> TempDir {
        self.stop.take().unwrap().send(()).unwrap();
        self.serving.await.unwrap().unwrap();
        self.folder
    }

    pub(crate) async fn restart(self) -> Self {
        Self::open(self.stop().await).await
    }

    /// Calls the service from a thread that may block.
    pub(crate) async fn rest<T: Send + 'static>(
        &self,
        token: &str,
        call: impl FnOnce(Client) -> T + Send + 'static,
    ) -> T {
        let client = Client::new(&format!("http://{}", self.address), token);
        tokio::task::spawn_blocking(move || call(client)).await.unwrap()
    }

    /// A request of any form: its status and body.
    pub(crate) async fn raw(
        &self,
        method: &str,
        path: &str,
        token: Option<&str>,
        body: &str,
    ) -> (u16, Value) {
        let mut request =
            ureq::http::Request::builder().method(method).uri(format!("http://{}{path}", self.address));
        if let Some(token) = token {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        let request = request.body(body.to_owned()).unwrap();
        let configuration = ureq::Agent::config_builder().http_status_as_error(false).build();
        let agent = ureq::Agent::from(configuration);
        let answer = tokio::task::spawn_blocking(move || agent.run(request).unwrap());
        let mut answer = answer.await.unwrap();
        let body = answer.body_mut().read_to_string().unwrap();
        (answer.status().as_u16(), serde_json::from_str(&body).unwrap())
    }

    /// What is at an address, byte for byte.
    pub(crate) async fn bytes(&self, path: &str, token: &str) -> Vec<u8> {
        let url = format!("http://{}{path}", self.address);
        let request = ureq::get(&url).header("authorization", format!("Bearer {token}"));
        let answer =
            tokio::task::spawn_blocking(move || request.call().unwrap().body_mut().read_to_vec().unwrap());
        answer.await.unwrap()
    }

    /// A user without any right: number and token.
    pub(crate) async fn stranger(&self, name: &'static str) -> (i64, String) {
        self.rest(&self.admin, move |admin| {
            let user = admin.add_user(name).unwrap().user_id;
            (user, admin.issue_token(user).unwrap().token.clone())
        })
        .await
    }

    /// A user with these rights on the lock: number and token.
    pub(crate) async fn user(&self, name: &'static str, rights: &[Right]) -> (i64, String) {
        let rights = rights.iter().copied().collect();
        self.rest(&self.admin, move |admin| {
            let user = admin.add_user(name).unwrap().user_id;
            admin.grant(&lock_hex(), user, rights).unwrap();
            (user, admin.issue_token(user).unwrap().token.clone())
        })
        .await
    }

    pub(crate) fn files(&self) -> Vec<PathBuf> {
        std::fs::read_dir(self.folder.path()).unwrap().map(|entry| entry.unwrap().path()).collect()
    }
}

/// The operator imports what the maker registered for the lock, while the service does not run.
pub(crate) fn import_secret(folder: &TempDir, secret: [u8; 32]) {
    let (places, file) = (places(folder), folder.path().join("secrets"));
    let line =
        format!("{{\"lock_id\": \"{}\", \"maker_secret\": \"{}\"}}\n", lock_hex(), hex::encode(secret));
    write_private(&file, &line);
    let imported = import_maker_secrets(&places.database, &places.kek, &file).unwrap();
    assert_eq!((imported.new, imported.changed, imported.unchanged), (1, 0, 0));
    std::fs::remove_file(&file).unwrap();
}

pub(crate) fn write_private(file: &Path, text: &str) {
    use std::os::unix::fs::OpenOptionsExt;
    let mut file = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(file).unwrap();
    file.write_all(text.as_bytes()).unwrap();
}

pub(crate) fn new_lock() -> NewLock {
    NewLock {
        lock_id: lock_hex(),
        root: hex::encode(ROOT),
        name: "front door".to_owned(),
        profile: Profile::S,
    }
}
