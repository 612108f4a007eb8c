import API
import Audit
import Changes
public import Credentials
import Cryptography
import Documents
public import Kernel
import Standards
import Web
import Workbench

/// What the running program takes and how long it waits: dated data from `operating-limits.tsv`.
struct OperatingLimits: Sendable {
    enum Name: String, CaseIterable {
        /// Of one account, or of an address that nobody signed in from: a person reads a few pages a minute and a page asks
        /// for a dozen files; a flood asks for thousands.
        case perMinute = "requests.per-minute"
        case burst = "requests.burst"
        /// Of one address, whoever asks from it: an office shares one.
        case addressPerMinute = "requests.address-per-minute"
        case addressBurst = "requests.address-burst"
        /// Seconds for a body.
        case bodyTime = "body.time"
        /// Seconds after which a connection is closed on which nothing whole arrived.
        case idle = "connection.idle"
        /// Seconds after the signal to stop in which requests, jobs and their conversations may still end.
        case farewell = "stop.farewell"
        /// Bytes of a form with files.
        case documents = "upload.documents"
        /// Bytes of a form with a picture of a face.
        case sample = "upload.sample"
        case reportSize = "report.size"
        case reportTime = "report.time"
        case reportStrangers = "report.strangers"
        case head = "log.head"
        case headEntries = "log.head-entries"
        case unsigned = "log.unsigned"
        /// Seconds for which writes go by an older look at the signatures while another is under way.
        case verdict = "log.verdict"
        /// Entries that are all hashed anew at the start.
        case logStart = "log.start"
        /// Seconds between two verifications of the whole log.
        case logWhole = "log.whole"
        /// Seconds after which a verification that failed, or found damage, is tried again.
        case logRetry = "log.retry"
        /// Seconds after the start within which the tables are to be compared with the log for the first time.
        case logFirst = "log.first"
        /// Entries that a search by actor or time looks at in one go.
        case logLook = "log.look"
        /// Lines of a file of the log.
        case logFile = "log.file"
        /// Findings of a kind that a verification names.
        case logFindings = "log.findings"
        /// Seconds by which the clock of a log may be ahead of the verifier's.
        case tolerance = "verify.tolerance"
        /// Bytes of a file that is verified.
        case verifiedSize = "verify.size"
        /// Bytes of all its entries unpacked.
        case verifiedUnpacked = "verify.unpacked"
        case verifiedEntries = "verify.entries"
        /// Bytes of an entry's name.
        case verifiedName = "verify.name"
        /// How many times larger than packed an entry may be.
        case verifiedRatio = "verify.ratio"
        case verifiedSignatures = "verify.signatures"
        /// Objects of a PDF file.
        case verifiedObjects = "verify.pdf-objects"
        /// Files attached to a PDF file.
        case verifiedAttachments = "verify.attachments"
        /// Bytes and lines of a revocation list of others.
        case listBytes = "verify.list-bytes"
        case listEntries = "verify.list-entries"
        /// Years for which certificates are made: of roots, of the authorities below them, of who signs for the platform.
        case rootYears = "keys.root"
        case issuingYears = "keys.issuing"
        case signerYears = "keys.signer"
        /// Minutes for which a person's certificate for one act is made.
        case actMinutes = "keys.act"
        /// Bytes of an archive, packed and unpacked: nothing in it is deflated.
        case archiveSize = "archive.size"
        case archiveEntries = "archive.entries"
        /// Seconds between the end of a case and its archive.
        case archiveQuiet = "archive.quiet"
        /// Days before the end of a time stamp within which another is laid over it.
        case archiveRenewal = "archive.renewal"
        /// Milliseconds after which a statement of the database is a line of the operator's log.
        case slowStatement = "statement.slow"
        /// Bytes of a message between the zones.
        case relaySize = "relay.size"
        /// Seconds between signing a message and taking it, which a gate may need; clocks of the zones differ by less.
        case relayAge = "relay.age"
        /// Seconds for which a page waits for the inner zone.
        case relayWait = "relay.wait"
        /// Seconds after which the page of a request that is under way looks again.
        case relayLook = "relay.look"
        /// Seconds for which an answer is kept after its owner has last asked for it.
        case relayKeep = "relay.keep"
        /// Seconds after which a request without an answer is given up.
        case relayLost = "relay.lost"
        /// Seconds without any answer after which people are told that nobody answers inside.
        case relaySilent = "relay.silent"
        /// Requests that may be under way, or answered and not fetched, at once: of all and of one address.
        case relayOpen = "relay.open"
        case relayOpenOfAddress = "relay.open-address"
        /// Bytes of bodies and answers that the front holds: of all and of one address.
        case relayMemory = "relay.memory"
        case relayMemoryOfAddress = "relay.memory-address"
        /// Bytes of it that are left to addresses which hold nothing yet.
        case relayMemoryReserve = "relay.memory-reserve"
        /// Bytes of files that may wait for the gate on a side.
        case relayDisk = "relay.disk"
        /// Requests that the inner side asks at once, and seconds for which it waits for one answer.
        case relayParallel = "relay.parallel"
        case relayAnswer = "relay.answer"
        /// Days after a day on which the seed of its draw is published.
        case drawPublication = "draw.publication"
        /// Seconds for which a code counts by which a holder shows a licence, and how many of one may be open.
        case presentationLife = "presentation.life"
        case presentationOpen = "presentation.open"
        /// Wrong codes of one place, and wrong short ones of everybody, before no more are taken for the seconds of the
        /// window.
        case presentationGuesses = "presentation.guesses"
        case presentationShortGuesses = "presentation.short-guesses"
        case presentationWindow = "presentation.window"
        /// Seconds for which a code is known as a late one.
        case presentationKeep = "presentation.keep"
        /// Rows of a bureau's own stock in one transaction.
        case stockBatch = "stock.batch"
        /// Entries of the log that one page of the change feed looks at.
        case feedLook = "changes.look"
        /// Streams of changes that one node keeps open, of all and of one caller.
        case feedStreams = "changes.streams"
        case feedStreamsOfCaller = "changes.streams-of-caller"
        /// Seconds after which a stream ends, and after which a silent one gives a sign of life.
        case feedStreamTime = "changes.stream-time"
        case feedHeartbeat = "changes.heartbeat"
        /// Threads that set and draw documents, and documents that may wait for them.
        case pressThreads = "press.threads"
        case pressWaiting = "press.waiting"
        /// Subscriptions that there may be.
        case webhooks = "webhooks.count"
        /// Changes of one delivery, and seconds in which it has to be taken.
        case webhookChanges = "webhooks.changes"
        case webhookWait = "webhooks.wait"
        /// Seconds of one receiver's turn, and receivers that a node tells at once.
        case webhookTurn = "webhooks.turn"
        case webhooksAtOnce = "webhooks.at-once"
        /// Seconds before the second try, and at most between two.
        case webhookPause = "webhooks.pause"
        case webhookPauseLongest = "webhooks.pause-longest"
        /// Jobs and deliveries that a list of dead ones shows.
        case deadLetters = "jobs.dead"
        /// Connections to PostgreSQL for each core of this machine.
        case connectionsPerCore = "database.connections-per-core"
        /// Milliseconds by which a replica may be behind that answers lists.
        case replicaLag = "database.replica-lag"
    }

    private let values: [Name: [(from: LocalDate, value: Int)]]
    /// Of time stamps.
    let algorithms: StampAlgorithms

    /// - Throws: which line cannot be read, or `columnMissing` when a limit is not there at all.
    init(home: Home) throws(StandardsError) {
        let file = "operating-limits.tsv"
        let table = try TabTable(file, home: home, columns: ["name", "from", "value"])
        let rows = try table.map { (row: TabRow) throws(StandardsError) -> (Name, LocalDate, Int) in
            guard let name = Name(rawValue: row.text("name")) else { throw row.bad("name is not known") }
            let value = try row.integer("value")
            guard value > 0 else { throw row.bad("value is at least 1") }
            return (name, try row.date("from"), value)
        }
        var values: [Name: [(from: LocalDate, value: Int)]] = [:]
        for (name, from, value) in rows { values[name, default: []].append((from, value)) }
        for name in Name.allCases where values[name] == nil {
            throw .columnMissing(file: file, column: name.rawValue)
        }
        self.values = values.mapValues { $0.sorted { $0.from < $1.from } }
        algorithms = try StampAlgorithms(home: home)
    }

    /// The value in force on a day; the earliest before all of them.
    func value(_ name: Name, on day: LocalDate) -> Int {
        let entries = values[name] ?? []
        return (entries.last { $0.from <= day } ?? entries.first)?.value ?? 1
    }

    /// What a form with files may measure.
    func uploadBytesMax(_ upload: Route.Upload, on day: LocalDate) -> Int {
        switch upload {
        case .documents: value(.documents, on: day)
        case .sample: value(.sample, on: day)
        // The form around the file takes a little.
        case .verification: value(.verifiedSize, on: day) + 65_536
        }
    }

    func log(on day: LocalDate) -> LogLimits {
        LogLimits(look: value(.logLook, on: day), file: value(.logFile, on: day))
    }

    func feed(on day: LocalDate) -> FeedLimits {
        FeedLimits(
            look: value(.feedLook, on: day),
            streams: value(.feedStreams, on: day),
            streamsOfCaller: value(.feedStreamsOfCaller, on: day),
            streamSeconds: value(.feedStreamTime, on: day),
            heartbeatSeconds: value(.feedHeartbeat, on: day)
        )
    }

    func operation(on day: LocalDate) -> OperationLimits {
        OperationLimits(
            deadLetters: value(.deadLetters, on: day),
            webhooks: value(.webhooks, on: day),
            webhookWait: webhooks(on: day).within
        )
    }

    func presentation(on day: LocalDate) -> PresentationPolicy {
        PresentationPolicy(
            life: Int64(value(.presentationLife, on: day)) * 1_000,
            openMax: value(.presentationOpen, on: day),
            guessesMax: value(.presentationGuesses, on: day),
            shortGuessesMax: value(.presentationShortGuesses, on: day),
            window: Int64(value(.presentationWindow, on: day)) * 1_000,
            keep: Int64(value(.presentationKeep, on: day)) * 1_000
        )
    }

    func webhooks(on day: LocalDate) -> WebhookPace {
        WebhookPace(
            pauseFirst: Int64(value(.webhookPause, on: day)) * 1_000,
            pauseLongest: Int64(value(.webhookPauseLongest, on: day)) * 1_000,
            within: Int64(value(.webhookWait, on: day)) * 1_000,
            turn: Int64(value(.webhookTurn, on: day)) * 1_000,
            atOnce: value(.webhooksAtOnce, on: day),
            countMax: value(.webhookChanges, on: day),
            look: value(.feedLook, on: day)
        )
    }

    /// How the log's heads are paced from a day on.
    func pace(on day: LocalDate) -> LogKeeper.Pace {
        let second = Instant.minute / 60
        return LogKeeper.Pace(
            ageMax: Int64(value(.head, on: day)) * second,
            entriesMax: Int64(value(.headEntries, on: day)),
            unsignedMax: Int64(value(.unsigned, on: day)) * second,
            lookMax: Int64(value(.verdict, on: day)) * second,
            startMax: Int64(value(.logStart, on: day)),
            // One that is late is made up for; the second one that is missing is not.
            wholeMax: 2 * Int64(value(.logWhole, on: day)) * second,
            firstMax: Int64(value(.logFirst, on: day)) * second
        )
    }

    /// What the relay between the zones takes, from a day on.
    func relay(on day: LocalDate) -> RelayLimits {
        let second = Instant.minute / 60
        return RelayLimits(
            size: value(.relaySize, on: day),
            age: Int64(value(.relayAge, on: day)) * second,
            wait: Int64(value(.relayWait, on: day)) * second,
            look: Int64(value(.relayLook, on: day)) * second,
            keep: Int64(value(.relayKeep, on: day)) * second,
            lost: Int64(value(.relayLost, on: day)) * second,
            silent: Int64(value(.relaySilent, on: day)) * second,
            open: value(.relayOpen, on: day),
            openOfAddress: value(.relayOpenOfAddress, on: day),
            memory: value(.relayMemory, on: day),
            memoryOfAddress: value(.relayMemoryOfAddress, on: day),
            memoryReserve: value(.relayMemoryReserve, on: day),
            disk: value(.relayDisk, on: day),
            parallel: value(.relayParallel, on: day),
            answer: Int64(value(.relayAnswer, on: day)) * second
        )
    }

    /// Limiters of accounts and of addresses.
    var limiters: RequestLimiters {
        RequestLimiters(
            askers: limiters(.perMinute, .burst),
            addresses: limiters(.addressPerMinute, .addressBurst)
        )
    }

    /// One limiter for each day on which a number changes.
    private func limiters(_ perMinute: Name, _ burst: Name) -> DatedLimiters {
        let days = Set(values.values.joined().map(\.from)).sorted()
        return DatedLimiters(
            days.map { day in
                (day, RateLimiter(perMinute: value(perMinute, on: day), burst: value(burst, on: day)))
            }
        )
    }
}

/// Who asks how often: each account in all its sessions together, and each address whoever asks from it.
struct RequestLimiters: Sendable {
    private let askers: DatedLimiters
    private let addresses: DatedLimiters

    init(askers: DatedLimiters, addresses: DatedLimiters) {
        self.askers = askers
        self.addresses = addresses
    }

    /// - Parameter account: who is signed in; nil for an unknown asker, who counts as his address.
    /// - Returns: seconds to wait; nil when it may be asked now.
    func wait(address: String, account: Actor?, now: Instant) -> Int? {
        let block = AddressBlock.of(address)
        let asker = account.map { "\($0.kind.rawValue) \($0.id)" } ?? Self.stranger(block)
        return askers.wait(for: asker, now: now) ?? addresses.wait(for: block, now: now)
    }

    /// Whether somebody unknown would be answered at this address now. Counts nothing.
    func mayStrangers(ask address: String, now: Instant) -> Bool {
        let block = AddressBlock.of(address)
        return askers.isOpen(for: Self.stranger(block), now: now) && addresses.isOpen(for: block, now: now)
    }

    private static func stranger(_ block: String) -> String { "address \(block)" }
}

/// The limiter of the numbers in force at a moment.
struct DatedLimiters: Sendable {
    private let all: [(from: LocalDate, limiter: RateLimiter)]

    init(_ all: [(from: LocalDate, limiter: RateLimiter)]) { self.all = all }

    func wait(for key: String, now: Instant) -> Int? { limiter(at: now)?.wait(for: key, now: now) }

    func isOpen(for key: String, now: Instant) -> Bool {
        limiter(at: now)?.isOpen(for: key, now: now) ?? true
    }

    private func limiter(at now: Instant) -> RateLimiter? {
        let day = now.date
        return (all.last { $0.from <= day } ?? all.first)?.limiter
    }
}

extension VerificationLimits {
    /// - Throws: `StandardsError` when the limits cannot be read.
    public init(home: Home, on day: LocalDate) throws {
        self = try OperatingLimits(home: home).verification(on: day)
    }
}

extension OperatingLimits {
    func verification(on day: LocalDate) -> VerificationLimits {
        VerificationLimits(
            toleranceMilliseconds: Int64(value(.tolerance, on: day)) * 1_000,
            package: PackageLimits(
                sizeBytesMax: value(.verifiedSize, on: day),
                unpackedBytesMax: value(.verifiedUnpacked, on: day),
                entriesMax: value(.verifiedEntries, on: day),
                nameBytesMax: value(.verifiedName, on: day),
                ratioMax: value(.verifiedRatio, on: day),
                signaturesMax: value(.verifiedSignatures, on: day)
            ),
            pdf: PDFLimits(
                bytes: value(.verifiedSize, on: day),
                objects: value(.verifiedObjects, on: day),
                revisions: value(.verifiedSignatures, on: day),
                attachments: value(.verifiedAttachments, on: day),
                attachmentBytes: value(.verifiedSize, on: day),
                ratio: value(.verifiedRatio, on: day)
            ),
            lists: RevocationLimits(
                bytes: value(.listBytes, on: day),
                entries: value(.listEntries, on: day)
            ),
            archive: archive(on: day),
            algorithms: algorithms.ends
        )
    }

    func keys(on day: LocalDate) -> PlatformKeys.Terms {
        PlatformKeys.Terms(
            root: value(.rootYears, on: day),
            issuing: value(.issuingYears, on: day),
            signer: value(.signerYears, on: day),
            act: value(.actMinutes, on: day)
        )
    }

    func archive(on day: LocalDate) -> PackageLimits {
        PackageLimits(
            sizeBytesMax: value(.archiveSize, on: day),
            unpackedBytesMax: value(.archiveSize, on: day),
            entriesMax: value(.archiveEntries, on: day),
            nameBytesMax: value(.verifiedName, on: day),
            ratioMax: value(.verifiedRatio, on: day),
            signaturesMax: value(.verifiedSignatures, on: day)
        )
    }
}
