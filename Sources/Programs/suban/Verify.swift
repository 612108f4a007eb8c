import ArgumentParser
import Audit
import Credentials
import Cryptography
import Foundation
import Kernel
import Server
import Web

/// Checks licences, seals and receipts without asking anybody, or the log of an installation.
struct Verify: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract:
            "Check licences, seals and receipts offline, or a log: 0 valid, 1 invalid, 2 unreadable.",
        discussion: """
            With --log every entry of the installation's log is hashed anew and all signed heads of database and mirror
            are compared: 0 whole, 1 not whole, 2 it cannot be verified at all. A server may run meanwhile.
            """
    )

    @Argument(help: "Files to check.")
    var files: [String] = []
    @Option(help: "Trusted certificates (PEM). Without it, root.pem beside the first file.")
    var trust: String?
    @Option(
        help:
            "The moment asked about, such as 2026-11-21 or 2026-11-21T10:00. Without it, now. Later heads are refused."
    )
    var at: String?
    @Flag(help: "One JSON object a file.")
    var json = false
    @Flag(help: "Verify the log of the installation instead of files.")
    var log = false
    @OptionGroup var data: DataOptions

    private var home: HomeOption { data.home }

    func validate() throws {
        if log == files.isEmpty { return }
        throw ValidationError(
            log ? "--log takes no files; --data says which installation." : "Name files to check, or --log."
        )
    }

    func run() async throws {
        if log {
            let isWhole = try await data.checkLog(json: json) { checkup, progress in
                try await checkup.verify(data.settings(), progress: progress)
            }
            if !isWhole { throw ExitCode(1) }
            return
        }
        let moment = try moment()
        let anchors = try anchors()
        let latest = moment + (try ReceiptTolerance.milliseconds(home: home.find(), on: moment.date))
        let messages = try Messages.load(try home.find())
        let language: Language =
            ProcessInfo.processInfo.environment["LANG"]?.hasPrefix("en") == true ? .en : .zh
        var worst: Int32 = 0
        for file in files {
            let checked = Checked(file: file, anchors: anchors, moment: moment, latest: latest)
            worst = max(worst, checked.exit)
            say(json ? checked.json.canonical : checked.words(messages, language).joined(separator: "\n"))
        }
        if !json { for line in trusted(anchors, messages, language) { say(line) } }
        if worst != 0 { throw ExitCode(worst) }
    }

    private func moment() throws -> Instant {
        guard let at else { return SystemClock().now }
        guard let moment = Instant(parsing: at) else {
            throw ValidationError("--at \(at) is no time. Write 2026-11-21 or 2026-11-21T10:00.")
        }
        return moment
    }

    /// Whom the verdicts rest on. A root that came with the file proves no more than the giver of the file:
    /// its fingerprint has to be compared with the published one.
    private func trusted(_ anchors: [Certificate], _ messages: Messages, _ language: Language) -> [String] {
        anchors.map { anchor in
            messages.text(
                trust == nil ? "verdict.trust.beside" : "verdict.trust.named",
                in: language,
                ["subject": anchor.subject.commonName, "sm3": Hex.encode(SM3.digest(anchor.der))]
            )
        }
    }

    private func anchors() throws -> [Certificate] {
        let beside = URL(fileURLWithPath: files.first ?? ".").deletingLastPathComponent()
            .appendingPathComponent("root.pem").path
        let path = trust ?? beside
        guard let pem = FileManager.default.contents(atPath: path) else {
            throw ValidationError("No trusted certificates at \(path). Name a PEM file with --trust.")
        }
        do { return try Certificate.all(pem: String(decoding: pem, as: UTF8.self)) } catch {
            throw ValidationError(
                "\(path) holds no certificates that can be read. Name a PEM file with --trust."
            )
        }
    }
}

/// The verdict on one file.
private struct Checked {
    let file: String
    /// 0 valid, 1 invalid, 2 unreadable.
    let exit: Int32
    /// Codes with their arguments; `verdict.<code>` is the message.
    let findings: [(code: String, arguments: [String: String])]

    init(file: String, anchors: [Certificate], moment: Instant, latest: Instant) {
        self.file = file
        guard let data = FileManager.default.contents(atPath: file) else {
            (exit, findings) = (2, [("file.unreadable", [:])])
            return
        }
        let bytes = Array(data)
        let verdict = CredentialVerifier(anchors: anchors).verify(bytes, at: moment)
        if verdict.record != nil {
            exit = verdict.isValid ? 0 : 1
            findings =
                verdict.problems.map { ($0.code, [:]) } + verdict.proven.map { ($0.code, $0.arguments) }
                + verdict.claimed.map { ($0.code, $0.arguments) }
            return
        }
        let receipt = ReceiptVerifier(anchors: anchors, latest: latest).verify(bytes)
        let signer = Self.signer(of: bytes)
        switch receipt {
        // Whatever can be read and is none of ours is invalid: it may be one of ours that somebody changed.
        case .invalid(.format): (exit, findings) = (1, [("file.unknown-format", [:])])
        case .invalid: (exit, findings) = (1, [(receipt.code, receipt.arguments)] + signer)
        case .sealed, .promised: (exit, findings) = (0, [(receipt.code, receipt.arguments)] + signer)
        }
    }

    /// Whose certificate the receipt brings, valid or not.
    private static func signer(of file: [UInt8]) -> [(code: String, arguments: [String: String])] {
        guard let first = Receipt(file: file)?.certificates.first,
            let certificate = try? Certificate(der: first)
        else { return [] }
        let name = certificate.subject.commonName
        let key = Hex.encode(certificate.publicKey.identifier)
        return [("receipt.signer", ["name": name, "log": key])]
    }

    private var word: String { exit == 0 ? "valid" : exit == 1 ? "invalid" : "unreadable" }

    var json: JSON {
        [
            "file": .string(file), "verdict": .string(word),
            "findings": .array(
                findings.map {
                    ["code": .string($0.code), "arguments": .object($0.arguments.mapValues(JSON.string))]
                }
            ),
        ]
    }

    func words(_ messages: Messages, _ language: Language) -> [String] {
        ["\(file): \(messages.text("verdict.\(word)", in: language))"]
            + findings.map { "  \(messages.text("verdict.\($0.code)", in: language, $0.arguments))" }
    }
}
