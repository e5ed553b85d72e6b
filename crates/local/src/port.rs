use std::fs;
use std::net::{Ipv4Addr, TcpListener};
use std::path::Path;

use crate::StoresError;

/// Two ports nothing listens on right now.
pub fn free_ports() -> Result<(u16, u16), StoresError> {
    let unused = || {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        Ok((listener.local_addr()?.port(), listener))
    };
    // Both are held until both are known, so that they differ.
    let ((first, _held), (second, _also)) = unused()
        .and_then(|first| Ok((first, unused()?)))
        .map_err(StoresError::io("listen on", Path::new("127.0.0.1")))?;
    Ok((first, second))
}

/// Refuses a port of 127.0.0.1 that somebody listens on, saying who and what it was wanted for.
pub fn require_free(store: &'static str, port: u16) -> Result<(), StoresError> {
    match TcpListener::bind((Ipv4Addr::LOCALHOST, port)) {
        Ok(_) => Ok(()),
        Err(_) => Err(StoresError::PortTaken {
            store,
            port,
            holder: holder_of(port).unwrap_or_else(|| "another program".to_owned()),
        }),
    }
}

/// Who listens on the port, as far as this account may see.
fn holder_of(port: u16) -> Option<String> {
    let sockets: Vec<String> = ["/proc/net/tcp", "/proc/net/tcp6"]
        .iter()
        .filter_map(|table| fs::read_to_string(table).ok())
        .flat_map(|table| listening_sockets(&table, port))
        .map(|inode| format!("socket:[{inode}]"))
        .collect();
    let mut processes = fs::read_dir("/proc").ok()?.flatten().filter(|entry| {
        entry
            .file_name()
            .as_encoded_bytes()
            .iter()
            .all(u8::is_ascii_digit)
    });
    let holder = processes.find(|process| holds_any(&process.path(), &sockets))?;
    let name = fs::read_to_string(holder.path().join("comm")).ok()?;
    Some(format!(
        "{} (process {})",
        name.trim(),
        holder.file_name().display()
    ))
}

fn holds_any(process: &Path, sockets: &[String]) -> bool {
    fs::read_dir(process.join("fd")).is_ok_and(|descriptors| {
        descriptors
            .flatten()
            .filter_map(|descriptor| fs::read_link(descriptor.path()).ok())
            .any(|target| {
                sockets
                    .iter()
                    .any(|socket| target.as_os_str() == socket.as_str())
            })
    })
}

/// Inodes of the sockets that listen on `port`, from the kernel's table.
fn listening_sockets(table: &str, port: u16) -> Vec<String> {
    const LISTENING: &str = "0A";
    let suffix = format!(":{port:04X}");
    table
        .lines()
        .skip(1)
        .filter_map(|line| {
            let fields: Vec<&str> = line.split_whitespace().collect();
            let listens = fields.get(1)?.ends_with(&suffix) && *fields.get(3)? == LISTENING;
            listens.then(|| fields.get(9).map(|inode| (*inode).to_owned()))?
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_holder_of_a_port_is_named() {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        let refusal = require_free("Postgres", port).unwrap_err().to_string();
        let own = format!("(process {})", std::process::id());
        assert!(
            refusal.contains(&port.to_string()) && refusal.contains(&own),
            "{refusal}"
        );
        drop(listener);
        require_free("Postgres", port).unwrap();
    }
}
