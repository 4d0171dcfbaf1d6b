//! A board with power: an emulator with two serial ports, the bench and the phone's cable.

use std::collections::VecDeque;
use std::fs::File;
use std::io::{ErrorKind, Read, Write};
use std::os::unix::net::{UnixListener, UnixStream};
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use lock_core::proto::frame::{self, Deframer};

use crate::broken::{Broken, End, Held};
use crate::chip;

/// So long the lock may take for anything. It is no measure of it: a machine with much to do is slow.
const PATIENCE: Duration = Duration::from_secs(20);
const SIGKILL: i32 = 9;

/// Where a board finds what it is made of.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Parts<'p> {
    pub(crate) image: &'p Path,
    pub(crate) flash: &'p Path,
    pub(crate) plugin: &'p str,
    pub(crate) folder: &'p Path,
}

/// What a board is known by when its power is gone.
#[derive(Debug)]
pub(crate) struct LastWords {
    /// Whether the power had gone before.
    pub(crate) end: End,
    pub(crate) lines: Vec<String>,
    pub(crate) packets: Vec<Vec<u8>>,
}

/// An emulator that was started here: whoever kills it does it through this handle, since the number of a process that has ended may be that of
/// another.
#[derive(Clone, Debug)]
struct Process(Arc<Mutex<Child>>);

impl Process {
    fn with<T>(&self, act: impl FnOnce(&mut Child) -> T) -> T {
        // A panic elsewhere leaves a child that can be killed all the same.
        act(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// It has power until it is dropped.
#[derive(Debug)]
pub(crate) struct Board {
    process: Process,
    bench: UnixStream,
    phone: UnixStream,
    /// What came from the bench and is no whole line yet.
    heard: Vec<u8>,
    deframer: Deframer,
    packets: VecDeque<Vec<u8>>,
}

impl Board {
    /// The power comes on.
    pub(crate) fn start(parts: Parts<'_>) -> Held<Self> {
        let (bench, phone) = (listen(parts.folder, "bench")?, listen(parts.folder, "phone")?);
        let log = File::create(parts.folder.join("emulator.log")).map_err(Broken::host)?;
        let mut process = Command::new("qemu-system-arm")
            .args(["-M", "mps2-an386,memory-backend=nvm", "-object"])
            .arg(format!(
                "memory-backend-file,id=nvm,size={},mem-path={},share=on",
                chip::BYTES,
                parts.flash.display()
            ))
            .args(["-display", "none", "-nodefaults", "-monitor", "none"])
            .args(["-semihosting-config", "enable=on,target=native", "-icount", "shift=6,sleep=on"])
            .args(serial(parts.folder, "phone"))
            .args(serial(parts.folder, "bench"))
            .args(["-plugin", parts.plugin, "-kernel"])
            .arg(parts.image)
            .stdin(Stdio::null())
            .stdout(log.try_clone().map_err(Broken::host)?)
            .stderr(log)
            .spawn()
            .map_err(|error| Broken::Host(format!("qemu-system-arm does not start: {error}")))?;
        let phone = accept(&phone, &mut process)?;
        let bench = accept(&bench, &mut process)?;
        Ok(Self {
            process: Process(Arc::new(Mutex::new(process))),
            bench,
            phone,
            heard: Vec::new(),
            deframer: Deframer::new(),
            packets: VecDeque::new(),
        })
    }

    /// The power goes after so long, wherever the chip stands then: as by a hand that takes the battery out.
    pub(crate) fn cut_later(&self, after: Duration) {
        let process = self.process.clone();
        std::thread::spawn(move || {
            std::thread::sleep(after);
            // One that has ended was waited for, and is left alone.
            let _ = process.with(Child::kill);
        });
    }

    /// The next line of the bench.
    pub(crate) fn line(&mut self) -> Held<String> {
        loop {
            if let Some(end) = self.heard.iter().position(|byte| *byte == b'\n') {
                let line: Vec<u8> = self.heard.drain(..=end).collect();
                return String::from_utf8(line[..end].to_vec()).map_err(Broken::wrong);
            }
            let mut bytes = [0; 512];
            match receive(&mut self.bench, &mut bytes)? {
                0 => return Err(self.gone()),
                count => self.heard.extend_from_slice(&bytes[..count]),
            }
        }
    }

    /// Says a line at the bench.
    pub(crate) fn say(&mut self, line: &str) -> Held {
        let sent = self.bench.write_all(format!("{line}\n").as_bytes());
        self.sent(&sent)
    }

    /// The next packet of the lock.
    pub(crate) fn packet(&mut self) -> Held<Vec<u8>> {
        loop {
            if let Some(packet) = self.packets.pop_front() {
                return Ok(packet);
            }
            let mut bytes = [0; 512];
            match receive(&mut self.phone, &mut bytes)? {
                0 => return Err(self.gone()),
                count => self.take(&bytes[..count]),
            }
        }
    }

    /// Gives the lock a packet.
    pub(crate) fn send(&mut self, packet: &[u8]) -> Held {
        let mut buffer = [0; frame::MAX_ENCODED];
        let frame = frame::encode(packet, &mut buffer).map_err(|error| Broken::Host(format!("{error:?}")))?;
        let sent = self.phone.write_all(frame);
        self.sent(&sent)
    }

    /// All packets that are here already and that nobody has asked for.
    pub(crate) fn waiting(&mut self) -> Held<Vec<Vec<u8>>> {
        self.phone.set_nonblocking(true).map_err(Broken::host)?;
        let mut bytes = Vec::new();
        // It ends where there is nothing more for now; whether the cable is dead is found by whoever uses it next.
        let _ = self.phone.read_to_end(&mut bytes);
        self.phone.set_nonblocking(false).map_err(Broken::host)?;
        self.take(&bytes);
        Ok(self.packets.drain(..).collect())
    }

    /// Puts a packet back that came last.
    pub(crate) fn put_back(&mut self, packet: Vec<u8>) {
        self.packets.push_front(packet);
    }

    /// The power goes at once, where it has not gone yet: what the lock had said until then.
    pub(crate) fn cut(mut self) -> Held<LastWords> {
        let has_ended = self.process.with(Child::try_wait).map_err(Broken::host)?.is_some();
        let _ = self.process.with(Child::kill);
        let mut rest = Vec::new();
        // What was said before the power went is still in the cable.
        let _ = self.bench.read_to_end(&mut rest);
        self.heard.append(&mut rest);
        let _ = self.phone.read_to_end(&mut rest);
        self.take(&rest);
        match self.gone() {
            Broken::Power => {}
            stopped @ (Broken::Wrong(_) | Broken::Host(_)) => return Err(stopped),
        }
        let text = String::from_utf8_lossy(&self.heard).into_owned();
        // A line without an end was being said.
        let whole = text.rsplit_once('\n').map_or("", |(whole, _)| whole);
        Ok(LastWords {
            end: if has_ended { End::Cut } else { End::Own },
            lines: whole.lines().map(str::to_owned).collect(),
            packets: self.packets.drain(..).collect(),
        })
    }

    fn take(&mut self, mut bytes: &[u8]) {
        while !bytes.is_empty() {
            let (taken, packet) = self.deframer.push_slice(bytes);
            self.packets.extend(packet.map(|packet| packet.to_vec()));
            bytes = &bytes[taken..];
        }
    }

    fn sent(&mut self, sent: &std::io::Result<()>) -> Held {
        if sent.is_ok() { Ok(()) } else { Err(self.gone()) }
    }

    /// Why it is gone: killed, or the firmware has stopped, which it never may.
    fn gone(&mut self) -> Broken {
        match self.process.with(Child::wait) {
            Ok(status) if status.signal() == Some(SIGKILL) => Broken::Power,
            Ok(status) => Broken::Wrong(format!("the firmware stopped by itself ({status})")),
            Err(error) => Broken::host(error),
        }
    }
}

impl Drop for Board {
    fn drop(&mut self) {
        let _ = self.process.with(Child::kill);
        let _ = self.process.with(Child::wait);
    }
}

fn serial(folder: &Path, name: &str) -> [String; 4] {
    let socket = format!("socket,id={name},path={},server=off", folder.join(name).display());
    ["-chardev".into(), socket, "-serial".into(), format!("chardev:{name}")]
}

/// The emulator connects to us: nobody has to guess when it is there.
fn listen(folder: &Path, name: &str) -> Held<UnixListener> {
    let path = folder.join(name);
    let _ = std::fs::remove_file(&path);
    let listener = UnixListener::bind(&path).map_err(Broken::host)?;
    listener.set_nonblocking(true).map_err(Broken::host)?;
    Ok(listener)
}

fn accept(listener: &UnixListener, process: &mut Child) -> Held<UnixStream> {
    let end = Instant::now() + PATIENCE;
    loop {
        match listener.accept() {
            Ok((stream, _)) => {
                stream.set_nonblocking(false).map_err(Broken::host)?;
                stream.set_read_timeout(Some(PATIENCE)).map_err(Broken::host)?;
                return Ok(stream);
            }
            Err(error) if error.kind() == ErrorKind::WouldBlock => {
                let has_ended = process.try_wait().map_err(Broken::host)?.is_some();
                if has_ended || Instant::now() > end {
                    let _ = process.kill();
                    return Err(Broken::Host("the emulator does not start; see emulator.log".into()));
                }
                std::thread::sleep(Duration::from_millis(1));
            }
            Err(error) => return Err(Broken::host(error)),
        }
    }
}

fn receive(stream: &mut UnixStream, bytes: &mut [u8]) -> Held<usize> {
    loop {
        match stream.read(bytes) {
            Ok(count) => return Ok(count),
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) if matches!(error.kind(), ErrorKind::ConnectionReset | ErrorKind::BrokenPipe) => {
                return Ok(0);
            }
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {
                return Err(Broken::Wrong(format!("the lock says nothing for {} s", PATIENCE.as_secs())));
            }
            Err(error) => return Err(Broken::host(error)),
        }
    }
}
