import ArgumentParser
import Credentials
import Cryptography
import Documents
import Foundation
import Kernel
import Server
import Web

/// Checks sealed files, licences, seals and receipts without asking anybody, or the log of an installation.
struct Verify: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract:
            "Check OFD files, licences, seals and receipts offline, or a log: 0 valid, 1 invalid, 2 unreadable.",
        discussion: """
            With --log every entry of the installation's log is hashed anew and all signed heads of database and mirror
            are compared: 0 whole, 1 not whole, 2 it cannot be verified at all. A server may run meanwhile.
            """
    )

    @Argument(help: "Files to check.")
    var files: [String] = []
    @Option(help: "Trusted certificates (PEM). Without it, root.pem beside the first file.")
    var trust: String?
    @Option(help: "Revocation lists to go by (DER); may be named several times.")
    var crl: [String] = []
    @Option(help: "A signature beside the file (.p7s): it is what is checked.")
    var signature: String?
    @Option(
        help:
            "The moment asked about, such as 2026-11-21 or 2026-11-21T10:00. Without it, now. Later heads are refused."
    )
    var at: String?
    @Flag(help: "One JSON object a file.")
    var json = false
    @Flag(
        help:
            "Ask the register of the installation, too: whether the file says what its record says, and how it stands. Its revocation lists and the authorities that it recognises count."
    )
    var register = false
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
        let limits = try VerificationLimits(home: home.find(), on: moment.date)
        let verifier = try await verifier(anchors, moment, limits)
        let beside = try signature.map { try bytes(of: $0, "a signature") }
        let language: Language =
            ProcessInfo.processInfo.environment["LANG"]?.hasPrefix("en") == true ? .en : .zh
        let messages = try Messages.verdicts(try home.find(), in: language)
        var worst: Int32 = 0
        for file in files {
            var checked = Checked(file: file, signature: beside, verifier)
            if register { checked = try await asking(checked, verifier) }
            worst = max(worst, checked.exit)
            say(json ? checked.json.canonical : checked.words(messages, language).joined(separator: "\n"))
        }
        if !json { for line in trusted(anchors, messages, language) { say(line) } }
        if worst != 0 { throw ExitCode(worst) }
    }

    /// By the lists that are named and, when the register is asked, by what its installation goes by.
    private func verifier(_ anchors: TrustAnchors, _ moment: Instant, _ limits: VerificationLimits)
        async throws -> FileVerifier
    {
        let named = try revocations(limits.lists)
        guard register else {
            return FileVerifier(anchors: anchors, revocation: named, moment: moment, limits: limits)
        }
        let known = try await data.maintained { try await $0.trust(at: moment, limits: limits.lists) }
        return FileVerifier(
            anchors: anchors,
            revocation: named.adding(known.revocation),
            recognised: known.recognised,
            moment: moment,
            limits: limits
        )
    }

    /// The same with what the register knows; a file that cannot be read stays so.
    private func asking(_ checked: Checked, _ verifier: FileVerifier) async throws -> Checked {
        guard let bytes = FileManager.default.contents(atPath: checked.file), let alone = checked.verdict
        else { return checked }
        let known = try await data.maintained { try await $0.asking(verifier, about: Array(bytes), alone) }
        return Checked(file: checked.file, verdict: known)
    }

    private func bytes(of path: String, _ what: String) throws -> [UInt8] {
        guard let data = FileManager.default.contents(atPath: path) else {
            throw ValidationError("\(path) cannot be read. Name \(what).")
        }
        return Array(data)
    }

    private func revocations(_ limits: RevocationLimits) throws -> Revocations {
        do {
            return try Revocations(
                reading: try crl.map { try bytes(of: $0, "a revocation list") },
                limits: limits
            )
        } catch is CryptographyError {
            throw ValidationError("A file after --crl is no revocation list in DER.")
        }
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
    private func trusted(_ anchors: TrustAnchors, _ messages: Messages, _ language: Language) -> [String] {
        let known =
            anchors.national.map { ($0.subject, $0.der) } + anchors.international.map { ($0.subject, $0.der) }
        return known.map { subject, der in
            messages.text(
                trust == nil ? "verdict.trust.beside" : "verdict.trust.named",
                in: language,
                ["subject": subject.commonName, "sm3": Hex.encode(SM3.digest(der))]
            )
        }
    }

    private func anchors() throws -> TrustAnchors {
        let beside = URL(fileURLWithPath: files.first ?? ".").deletingLastPathComponent()
            .appendingPathComponent("root.pem").path
        let path = trust ?? beside
        guard let pem = FileManager.default.contents(atPath: path) else {
            throw ValidationError("No trusted certificates at \(path). Name a PEM file with --trust.")
        }
        guard let anchors = try? TrustAnchors(pem: String(decoding: pem, as: UTF8.self)), !anchors.isEmpty
        else {
            throw ValidationError(
                "\(path) holds no certificates that can be read. Name a PEM file with --trust."
            )
        }
        return anchors
    }
}

/// The verdict on one file.
private struct Checked {
    let file: String
    /// Nil when the file cannot be read.
    let verdict: FileVerdict?

    init(file: String, verdict: FileVerdict) {
        self.file = file
        self.verdict = verdict
    }

    init(file: String, signature: [UInt8]?, _ verifier: FileVerifier) {
        self.file = file
        verdict = Self.bytes(of: file, verifier).map { bytes in
            signature.map { verifier.verify(bytes, signature: $0) } ?? verifier.verify(bytes)
        }
    }

    /// No more than is looked at, and one byte, so that a file that is too long is known as such.
    private static func bytes(of file: String, _ verifier: FileVerifier) -> [UInt8]? {
        guard let stream = fopen(file, "rb") else { return nil }
        defer { fclose(stream) }
        func read(_ count: Int) -> [UInt8] {
            [UInt8](unsafeUninitializedCapacity: count) { $1 = fread($0.baseAddress, 1, count, stream) }
        }
        let start = read(4_096)
        guard start.count == 4_096 else { return ferror(stream) == 0 ? start : nil }
        var size = stat()
        guard fstat(fileno(stream), &size) == 0 else { return nil }
        let most = min(Int(size.st_size), verifier.sizeBytesMax(beginning: start) + 1)
        rewind(stream)
        let bytes = read(most)
        return ferror(stream) == 0 ? bytes : nil
    }

    /// 0 valid, 1 invalid, 2 unreadable.
    var exit: Int32 { verdict.map { $0.isValid ? 0 : 1 } ?? 2 }

    private var word: String { exit == 0 ? "valid" : exit == 1 ? "invalid" : "unreadable" }

    /// Codes with their arguments; `verdict.<code>` is the message.
    private var lines: [VerdictLine] {
        guard let verdict else { return [VerdictLine("file.unreadable")] }
        return verdict.problems + verdict.proven + verdict.claimed
    }

    var json: JSON {
        func list(_ lines: [VerdictLine]) -> JSON {
            .array(
                lines.map {
                    ["code": .string($0.code), "arguments": .object($0.arguments.mapValues(JSON.string))]
                }
            )
        }
        return [
            "file": .string(file), "verdict": .string(word), "kind": JSON(verdict?.kind.rawValue),
            "findings": list(lines), "problems": list(verdict?.problems ?? []),
            "proven": list(verdict?.proven ?? []), "claimed": list(verdict?.claimed ?? []),
            "content": .array(
                (verdict?.content ?? []).map { ["name": .string($0.name), "value": .string($0.value)] }
            ),
        ]
    }

    func words(_ messages: Messages, _ language: Language) -> [String] {
        ["\(file): \(messages.text("verdict.\(word)", in: language))"]
            + lines.map { "  \(messages.text("verdict.\($0.code)", in: language, $0.arguments))" }
            + (verdict?.content ?? []).map { "    \($0.name): \($0.value)" }
    }
}
