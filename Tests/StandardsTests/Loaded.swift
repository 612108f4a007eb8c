import Kernel
import Standards

/// Loaded once for all suites.
let home = Result { try Home.find() }
let loaded = Result { try Standards(home: home.get()) }
let today = Instant(milliseconds: 1_795_239_000_000).date
