internal import Audit
public import Jobs
public import Kernel
public import Storage

/// Tells people what happened and what they can do next.
public struct Messenger: Sendable {
    /// Gives a text to the carrier, in the transaction that notes it as handed over. Bound where the exchange is.
    public typealias Carrier = @Sendable (ShortMessage, Occasion, any Transaction) throws -> Void

    static let smsKind = "correspondence.sms"

    public let templates: MessageTemplates
    /// Goes before the path of every link in a text, such as `https://suban.example`: a path alone opens nothing on
    /// a telephone. `Message.link` stays the path.
    public let origin: String

    public init(templates: MessageTemplates, origin: String = "") {
        self.templates = templates
        self.origin = origin
    }

    /// Puts a message into the recipient's box at once, and sends the text now or when the quiet hours are over.
    @discardableResult
    public func send(_ note: Note, occasion: Occasion, in tx: any Transaction) throws -> Message {
        let (template, zh, en) = try templates.text(of: note, origin: origin)
        let phone = template.sms ? note.phone : nil
        let smsAt = phone.map { _ in template.urgent ? occasion.now : templates.quietEnd(occasion.now) }
        let message = Message(
            id: occasion.newID(),
            template: note.template,
            caseNumber: note.caseNumber,
            recipient: note.recipient,
            phone: phone,
            textZh: zh,
            textEn: en,
            link: note.link,
            at: occasion.now,
            smsAt: smsAt,
            sms: phone == nil ? .none : .waiting,
            readAt: nil
        )
        try CorrespondenceStore.insert(message, in: tx)
        if let smsAt {
            try Jobs.enqueue(
                kind: Self.smsKind,
                key: message.id.rawValue,
                payload: ["message": .string(message.id.rawValue)],
                at: smsAt,
                in: tx
            )
        }
        try AuditLog.append(
            "correspondence.message-sent",
            object: "message:\(message.id)",
            after: ["template": .string(note.template), "recipient": .string(note.recipient)],
            occasion: occasion,
            in: tx
        )
        return message
    }

    /// The job that hands texts to the carrier.
    public func jobKinds(
        database: any Database,
        clock: any Clock,
        entropy: any Entropy = SystemEntropy(),
        carrier: @escaping Carrier
    ) -> [JobKind] {
        [
            JobKind(Self.smsKind) { job in
                guard let id = job.payload["message"].text.map({ ID<Message>($0) }) else { return .done }
                let occasion = Occasion(
                    now: clock.now,
                    actor: .platform("correspondence"),
                    request: "job:\(job.kind):\(job.key)",
                    entropy: entropy
                )
                try await database.write { tx in
                    guard let message = try CorrespondenceStore.message(id, in: tx), message.sms == .waiting,
                        let phone = message.phone
                    else { return }
                    let short = ShortMessage(
                        id: id,
                        caseNumber: message.caseNumber,
                        phone: phone,
                        text: message.textZh
                    )
                    try carrier(short, occasion, tx)
                    try CorrespondenceStore.setSMS(.handed, of: id, in: tx)
                }
                return .done
            }
        ]
    }

    /// Takes links out of the messages about a case, once they open nothing any more: what stays is that somebody was
    /// told, and when.
    public func forgetLinks(
        about caseNumber: String,
        in tx: any Transaction,
        where isOver: (String) -> Bool
    ) throws {
        for (id, link) in try CorrespondenceStore.links(case: caseNumber, in: tx) where isOver(link) {
            guard let message = try CorrespondenceStore.message(id, in: tx) else { continue }
            // The address as a whole; in texts from before addresses were whole, the path alone.
            func without(_ text: String, _ words: String) -> String {
                text.replacing(origin + link, with: words).replacing(link, with: words)
            }
            try CorrespondenceStore.replaceLink(
                of: id,
                zh: without(message.textZh, "（链接已失效）"),
                en: without(message.textEn, "(the link has ended)"),
                in: tx
            )
        }
    }

    /// The carrier reports what became of a text.
    public func reported(_ id: ID<Message>, delivered: Bool, in tx: any Transaction) throws {
        guard let message = try CorrespondenceStore.message(id, in: tx) else {
            throw CorrespondenceError.noSuchMessage
        }
        guard message.sms == .handed else { return }
        try CorrespondenceStore.setSMS(delivered ? .delivered : .failed, of: id, in: tx)
    }

    /// The recipient opened the message. Another's message is not there.
    public func read(_ id: ID<Message>, by recipient: String, at: Instant, in tx: any Transaction) throws {
        guard let message = try CorrespondenceStore.message(id, in: tx), message.recipient == recipient else {
            throw CorrespondenceError.noSuchMessage
        }
        _ = try CorrespondenceStore.setRead(id, of: recipient, at: at, in: tx)
    }
}
