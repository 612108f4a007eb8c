internal import Cryptography
public import Kernel
public import Storage

/// The adapters to outside parties: what is asked of them, ordered from them, and what they report.
///
/// The platform knows a party's address and public key and nothing else of it. Every message is signed by its
/// sender, checked by its receiver and kept as it travelled.
public struct Exchange: Sendable {
    public let parties: Parties
    let signer: EnvelopeSigner
    let transport: any Transport
    let database: any Database
    let clock: any Clock
    let entropy: any Entropy
    let keys: PeerKeys

    public init(
        parties: Parties,
        signer: EnvelopeSigner,
        transport: any Transport,
        database: any Database,
        clock: any Clock,
        entropy: any Entropy = SystemEntropy()
    ) {
        self.parties = parties
        self.signer = signer
        self.transport = transport
        self.database = database
        self.clock = clock
        self.entropy = entropy
        keys = PeerKeys()
    }

    /// Where parties report to.
    public static let reportPath = "/exchange/v1/report"

    /// Where a party is asked: the operation's own path, so that the signature covers it.
    public static func path(party: String, operation: String) -> String {
        "/exchange/v1/\(party)/\(operation)"
    }

    /// What is kept of an answer: its content, the time of the data.
    public typealias Keeping = @Sendable (JSON, Instant, any Transaction) throws -> Void

    /// Asks a party and waits for as long as its terms say. Never throws: what goes wrong is `unknown`.
    /// - Parameter keeping: what else is written of an answer, in the write that keeps the messages.
    public func ask(
        _ question: Question,
        occasion: Occasion,
        keeping: Keeping? = nil
    ) async -> Answer {
        let party: Party
        do {
            party = try parties.party(question.party)
            let operation = try parties.operation(question.operation, of: question.party)
            guard operation.kind == .question else { return .unknown(.notAsked) }
            try operation.check(fields: question.fields, of: question.party)
        } catch {
            return .unknown(.notAsked)
        }
        let terms = party.terms(on: occasion.now.date)
        guard terms.open(from: occasion.now) == occasion.now else { return .unknown(.closed) }
        let message = occasion.newID(Question.self).rawValue
        let letter = Letter(
            operation: question.operation,
            caseNumber: question.caseNumber,
            creditCode: question.creditCode,
            purpose: question.purpose,
            consent: question.consent,
            key: message,
            fields: question.fields
        )
        let exchanged = await exchange(letter, message: message, with: party, within: terms.answerWithin)
        let answer = judge(exchanged, letter: letter, party: party.id)
        do {
            let now = occasion.now
            let entries = exchanged.entries(
                letter: letter,
                party: party.id,
                line: nil,
                at: now,
                entropy: entropy
            )
            try await database.write { tx in
                for entry in entries { try ExchangeStore.keep(entry, in: tx) }
                if case .answered(let content, let dataTime) = answer { try keeping?(content, dataTime, tx) }
            }
        } catch {
            return .unknown(.notRecorded)
        }
        return answer
    }

    private func judge(_ exchanged: Exchanged, letter: Letter, party: String) -> Answer {
        switch exchanged.result {
        case .failure(let failure): return .unknown(failure)
        case .success(let report):
            switch report.status {
            case .answered:
                guard let operation = try? parties.operation(letter.operation, of: party),
                    operation.accepts(answer: report.answer)
                else { return .unknown(.nonsense) }
                return .answered(report.answer, dataTime: report.dataTime)
            case .refused: return .unknown(.refused)
            case .received, .working, .done, .returned, .personNeeded: return .unknown(.nonsense)
            }
        }
    }
}

/// One message out and what came back.
struct Exchanged: Sendable {
    var request: WireRequest?
    var response: WireResponse?
    var message: String
    var result: Result<Report, Answer.Unknown>

    func entries(
        letter: Letter,
        party: String,
        line: ID<PartyLine>?,
        at: Instant,
        entropy: any Entropy
    ) -> [KeptMessage] {
        let outcome: String =
            switch result {
            case .success(let report): report.status.rawValue
            case .failure(let failure): failure.rawValue
            }
        var entries: [KeptMessage] = []
        func keep(_ kind: KeptMessage.Kind, _ headers: [String: String], _ bytes: [UInt8]) {
            entries.append(
                KeptMessage(
                    id: .new(at: at, entropy: entropy),
                    message: message,
                    kind: kind,
                    party: party,
                    operation: letter.operation,
                    line: line,
                    caseNumber: letter.caseNumber,
                    at: at,
                    keyID: headers[EnvelopeHeader.key] ?? "",
                    bytes: bytes,
                    outcome: outcome
                )
            )
        }
        if let request { keep(line == nil ? .question : .order, request.headers, request.bytes) }
        if let response { keep(.answer, response.headers, response.bytes) }
        return entries
    }
}

extension Answer.Unknown: Error {}

extension Exchange {
    /// Signs, carries, checks. Whatever fails has a name.
    func exchange(_ letter: Letter, message: String, with party: Party, within: Int64) async -> Exchanged {
        var exchanged = Exchanged(message: message, result: .failure(.down))
        do {
            let request = try signer.sign(
                path: Self.path(party: party.id, operation: letter.operation),
                body: letter.json,
                message: message,
                at: clock.now,
                nonce: freshNonce()
            )
            exchanged.request = request
            let response = try await transport.carry(request, to: party, within: within)
            exchanged.response = response
            // A gateway without anybody behind it.
            if response.status >= 500, response.headers[EnvelopeHeader.signature] == nil {
                throw TransportError.down
            }
            let peer = try await keys.find(response.headers[EnvelopeHeader.key], in: database)
            let verified = try Envelope.verify(
                response,
                answering: message,
                now: clock.now,
                limits: parties.limits
            ) { _ in peer }
            guard verified.owner == party.id else { throw EnvelopeError.keyUnknown }
            guard let report = Report(verified.body), report.answers(letter) else {
                exchanged.result = .failure(verified.body["refused"].text == nil ? .nonsense : .refused)
                return exchanged
            }
            exchanged.result = .success(report)
        } catch TransportError.down {
            exchanged.result = .failure(.down)
        } catch TransportError.slow {
            exchanged.result = .failure(.slow)
        } catch EnvelopeError.body, EnvelopeError.tooLarge {
            exchanged.result = .failure(.nonsense)
        } catch is EnvelopeError {
            exchanged.result = .failure(.unsigned)
        } catch {
            exchanged.result = .failure(.notRecorded)
        }
        return exchanged
    }

    func freshNonce() -> String { Hex.encode(entropy.bytes(16)) }
}
