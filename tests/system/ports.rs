use std::net::TcpListener;

const RUN: u16 = 7;

/// The first of a run of ports that nobody holds right now.
pub(crate) fn free_base() -> u16 {
    loop {
        let base = rand::random_range(20_000..32_000);
        if (base..base + RUN).all(is_free) {
            return base;
        }
    }
}

pub(crate) fn is_free(port: u16) -> bool {
    TcpListener::bind(("127.0.0.1", port)).is_ok()
}
