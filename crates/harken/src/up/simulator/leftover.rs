use std::fs;
use std::path::Path;

use rustix::process::{Pid, Signal, kill_process};
use tokio::time::{sleep, timeout};

use super::{POLL, PROGRAM, STOPPED_WITHIN};

/// Stops the simulator of a run that was killed before it could do so itself.
pub(super) async fn stop(pid_file: &Path, folder: &Path) {
    let Some(pid) = fs::read_to_string(pid_file)
        .ok()
        .and_then(|text| text.trim().parse::<i32>().ok())
    else {
        return;
    };
    let is_ours = || {
        let line = fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
        let line = String::from_utf8_lossy(&line);
        line.contains(PROGRAM) && line.contains(&*folder.to_string_lossy())
    };
    let gone = async {
        while is_ours() {
            sleep(POLL).await;
        }
    };
    if let Some(process) = is_ours().then(|| Pid::from_raw(pid)).flatten() {
        let _ = kill_process(process, Signal::TERM);
        if timeout(STOPPED_WITHIN, gone).await.is_err() {
            let _ = kill_process(process, Signal::KILL);
        }
    }
}
