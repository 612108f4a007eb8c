public import Kernel
public import Storage

/// The tables of correspondence. The only file that knows them.
public enum CorrespondenceStore {
    public static func paper(_ id: ID<Paper>, in reader: any Reader) throws -> Paper? {
        try reader.first(
            """
            SELECT id, kind, wording, case_id, agency, number, title_zh, title_en, marked, version, supersedes,
                state, digest, filed_at, seal
            FROM correspondence_paper WHERE id = $1
            """,
            id
        ).map(paper)
    }

    /// The papers of a case in the order they were filed, superseded ones included.
    public static func papers(of caseID: String, in reader: any Reader) throws -> [Paper] {
        try reader.query(
            """
            SELECT id, kind, wording, case_id, agency, number, title_zh, title_en, marked, version, supersedes,
                state, digest, filed_at, seal
            FROM correspondence_paper WHERE case_id = $1 ORDER BY filed_at, id LIMIT 500
            """,
            caseID
        ).map(paper)
    }

    /// The valid paper of a kind in a case, the latest when there are several.
    public static func paper(kind: String, of caseID: String, in reader: any Reader) throws -> Paper? {
        try reader.first(
            """
            SELECT id, kind, wording, case_id, agency, number, title_zh, title_en, marked, version, supersedes,
                state, digest, filed_at, seal
            FROM correspondence_paper WHERE case_id = $1 AND kind = $2 AND state = 'filed'
            ORDER BY filed_at DESC, id DESC LIMIT 1
            """,
            caseID,
            kind
        ).map(paper)
    }

    static func lock(_ id: ID<Paper>, in tx: any Transaction) throws -> Paper? {
        try tx.first(
            """
            SELECT id, kind, wording, case_id, agency, number, title_zh, title_en, marked, version, supersedes,
                state, digest, filed_at, seal
            FROM correspondence_paper WHERE id = $1 FOR UPDATE
            """,
            id
        ).map(paper)
    }

    static func insert(_ paper: Paper, in tx: any Transaction) throws {
        let values: [any Bindable] = [
            paper.id, paper.kind, paper.wording, paper.caseID, paper.agency, paper.number, paper.titleZh,
            paper.titleEn, PersonalText(paper.marked), paper.version, paper.supersedes, paper.state.rawValue,
            paper.digest,
            paper.filedAt, paper.seal,
        ]
        try tx.send(
            """
            INSERT INTO correspondence_paper (id, kind, wording, case_id, agency, number, title_zh, title_en, marked,
                version, supersedes, state, digest, filed_at, seal)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)
            """,
            values
        )
    }

    static func supersede(_ id: ID<Paper>, in tx: any Transaction) throws {
        try tx.execute("UPDATE correspondence_paper SET state = 'superseded' WHERE id = $1", id)
    }

    static func setSeal(_ seal: JSON, of id: ID<Paper>, in tx: any Transaction) throws {
        try tx.execute("UPDATE correspondence_paper SET seal = $2 WHERE id = $1", id, seal)
    }

    /// 1, 2, 3 … without gaps: the number is used up in the transaction that files the paper.
    static func nextSerial(agency: String, series: String, year: Int, in tx: any Transaction) throws -> Int64
    {
        let row = try tx.first(
            """
            INSERT INTO correspondence_series (agency, series, year, last) VALUES ($1, $2, $3, 1)
            ON CONFLICT (agency, series, year) DO UPDATE SET last = correspondence_series.last + 1
            RETURNING last
            """,
            agency,
            series,
            year
        )
        guard let row else { throw StorageError.noRow }
        return try row.integer(0)
    }

    private static func paper(_ row: Row) throws -> Paper {
        // Spelled out: a bare nil would become the JSON null.
        let seal: JSON? = row.isNull(14) ? Optional.none : try row.json(14)
        return Paper(
            id: try row.id(0),
            kind: try row.text(1),
            wording: try row.date(2),
            caseID: try row.text(3),
            agency: try row.text(4),
            number: try row.optionalText(5),
            titleZh: try row.text(6),
            titleEn: try row.text(7),
            marked: try row.text(8),
            version: try row.integer(9),
            supersedes: try row.optionalText(10).map { ID($0) },
            state: try row.value(11),
            digest: try row.blob(12),
            filedAt: try row.instant(13),
            seal: seal
        )
    }

    // MARK: service

    public static func services(of paper: ID<Paper>, in reader: any Reader) throws -> [PaperService] {
        try reader.query(
            """
            SELECT id, paper, recipient, channel, consent, served_at, proof, read_at FROM correspondence_service
            WHERE paper = $1 ORDER BY served_at, id LIMIT 200
            """,
            paper
        ).map(service)
    }

    /// What was served on somebody, newest first.
    public static func services(on recipient: String, in reader: any Reader) throws -> [PaperService] {
        try reader.query(
            """
            SELECT id, paper, recipient, channel, consent, served_at, proof, read_at FROM correspondence_service
            WHERE recipient = $1 ORDER BY served_at DESC, id DESC LIMIT 200
            """,
            recipient
        ).map(service)
    }

    static func service(_ id: ID<PaperService>, in reader: any Reader) throws -> PaperService? {
        try reader.first(
            """
            SELECT id, paper, recipient, channel, consent, served_at, proof, read_at FROM correspondence_service
            WHERE id = $1
            """,
            id
        ).map(service)
    }

    static func insert(_ service: PaperService, in tx: any Transaction) throws {
        try tx.send(
            """
            INSERT INTO correspondence_service (id, paper, recipient, channel, consent, served_at, proof, read_at)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
            """,
            service.id,
            service.paper,
            service.recipient,
            service.channel.rawValue,
            service.consent,
            service.servedAt,
            service.proof,
            service.readAt
        )
    }

    static func setRead(_ id: ID<PaperService>, at: Instant, in tx: any Transaction) throws {
        try tx.execute(
            "UPDATE correspondence_service SET read_at = $2 WHERE id = $1 AND read_at IS NULL",
            id,
            at
        )
    }

    private static func service(_ row: Row) throws -> PaperService {
        PaperService(
            id: try row.id(0),
            paper: try row.id(1),
            recipient: try row.text(2),
            channel: try row.value(3),
            consent: try row.text(4),
            servedAt: try row.instant(5),
            proof: try row.text(6),
            readAt: try row.optionalInstant(7)
        )
    }

    // MARK: messages

    /// The messages of an account, newest first.
    public static func messages(of recipient: String, limit: Int = 100, in reader: any Reader) throws
        -> [Message]
    {
        try reader.query(
            """
            SELECT id, template, case_number, recipient, phone, text_zh, text_en, link, at, sms_at, sms, read_at
            FROM correspondence_message WHERE recipient = $1 ORDER BY at DESC, id DESC LIMIT $2
            """,
            recipient,
            min(limit, 500)
        ).map(message)
    }

    /// The messages about a case, oldest first.
    public static func messages(case number: String, in reader: any Reader) throws -> [Message] {
        try reader.query(
            """
            SELECT id, template, case_number, recipient, phone, text_zh, text_en, link, at, sms_at, sms, read_at
            FROM correspondence_message WHERE case_number = $1 ORDER BY at, id LIMIT 500
            """,
            number
        ).map(message)
    }

    /// The links that messages about a case carry still.
    static func links(case number: String, in reader: any Reader) throws -> [(ID<Message>, String)] {
        try reader.query(
            "SELECT id, link FROM correspondence_message WHERE case_number = $1 AND link <> ''",
            number
        ).map { (try $0.id(0), try $0.text(1)) }
    }

    static func message(_ id: ID<Message>, in reader: any Reader) throws -> Message? {
        try reader.first(
            """
            SELECT id, template, case_number, recipient, phone, text_zh, text_en, link, at, sms_at, sms, read_at
            FROM correspondence_message WHERE id = $1
            """,
            id
        ).map(message)
    }

    static func insert(_ message: Message, in tx: any Transaction) throws {
        let values: [any Bindable] = [
            message.id, message.template, message.caseNumber, message.recipient,
            PersonalText(message.phone), PersonalText(message.textZh), PersonalText(message.textEn),
            PersonalText(message.link), message.at, message.smsAt, message.sms.rawValue, message.readAt,
        ]
        try tx.send(
            """
            INSERT INTO correspondence_message (id, template, case_number, recipient, phone, text_zh, text_en, link,
                at, sms_at, sms, read_at)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
            """,
            values
        )
    }

    static func replaceLink(of id: ID<Message>, zh: String, en: String, in tx: any Transaction) throws {
        try tx.execute(
            "UPDATE correspondence_message SET text_zh = $2, text_en = $3, link = '' WHERE id = $1",
            id,
            PersonalText(zh),
            PersonalText(en)
        )
    }

    static func setSMS(_ state: Message.SMS, of id: ID<Message>, in tx: any Transaction) throws {
        try tx.execute("UPDATE correspondence_message SET sms = $2 WHERE id = $1", id, state.rawValue)
    }

    /// How many were marked, 0 or 1: only the recipient's own, and only once.
    static func setRead(_ id: ID<Message>, of recipient: String, at: Instant, in tx: any Transaction) throws
        -> Int
    {
        try tx.execute(
            "UPDATE correspondence_message SET read_at = $3 WHERE id = $1 AND recipient = $2 AND read_at IS NULL",
            id,
            recipient,
            at
        )
    }

    private static func message(_ row: Row) throws -> Message {
        Message(
            id: try row.id(0),
            template: try row.text(1),
            caseNumber: try row.text(2),
            recipient: try row.text(3),
            phone: try row.optionalText(4),
            textZh: try row.text(5),
            textEn: try row.text(6),
            link: try row.text(7),
            at: try row.instant(8),
            smsAt: try row.optionalInstant(9),
            sms: try row.value(10),
            readAt: try row.optionalInstant(11)
        )
    }
}
