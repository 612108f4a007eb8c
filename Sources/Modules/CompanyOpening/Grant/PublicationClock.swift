import Audit
import Deadlines
import Exchange
public import Jobs
public import Kernel
import Registers
import Standards
import Storage

/// What arises must be public within the limit `publication`, twenty working days (Regulations on Publication of
/// Enterprise Information, article 6): each publication has a clock, is closed by the receipt of the publicity system,
/// and is called overdue by a job that survives a restart.
extension CompanyOpening {
    static let publicationJob = "opening.publication"

    /// Opens a publication with its clock.
    /// - Parameter period: such as `20 wd`; nil where no limit is in force, and then no clock runs.
    func publish(
        _ what: String,
        of subject: RegisterSubject,
        content: JSON? = nil,
        period: String?,
        occasion: Occasion,
        in tx: any Transaction
    ) throws {
        let id: ID<Publication> = occasion.newID()
        var clock: DeadlineClock?
        if let period {
            clock = try Deadlines.start(
                "publication",
                for: "publication:\(id)",
                budget: Period(period),
                rule: "企业信息公示暂行条例第六条",
                calendar: standards.calendar,
                occasion: occasion,
                in: tx
            )
        }
        let due = clock?.due(standards.calendar)
        try PublicationStore.insert(
            Publication(
                id: id,
                register: subject.register,
                code: subject.code,
                what: what,
                content: content ?? subject.items,
                arisenAt: occasion.now,
                dueOn: due?.date,
                publishedAt: nil,
                clock: clock?.id.rawValue
            ),
            in: tx
        )
        guard let moment = due.flatMap(Self.lookAt) else { return }
        try Jobs.enqueue(
            kind: Self.publicationJob,
            key: id.rawValue,
            payload: ["publication": .string(id.rawValue)],
            at: moment,
            in: tx
        )
    }

    /// When to look whether it was published: the first moment too late, or the day on which the calendar may be
    /// known that it depends on.
    private static func lookAt(_ due: Due) -> Instant? {
        switch due {
        case .day, .moment: due.end
        case .waitsForCalendar(_, let day): Instant(day)
        case .paused: nil
        }
    }

    /// The publicity system has published: what arose before the message went out is public.
    private func published(by line: PartyLine, occasion: Occasion, in tx: any Transaction) throws {
        let what = line.order.fields["kind"].text ?? ""
        for publication in try PublicationStore.of(line.order.creditCode, in: tx)
        where publication.isOpen && publication.what == what && publication.arisenAt <= line.openedAt {
            let receipt = line.answer["receipt"].text ?? line.id.rawValue
            guard try PublicationStore.close(publication.id, receipt: receipt, at: occasion.now, in: tx)
            else {
                continue
            }
            if let clock = publication.clock {
                try Deadlines.end(ID(clock), calendar: standards.calendar, occasion: occasion, in: tx)
            }
            try Jobs.cancel(kind: Self.publicationJob, key: publication.id.rawValue, in: tx)
            try AuditLog.append(
                "register.published",
                object: publication.object,
                after: ["code": .string(publication.code), "receipt": .string(receipt)],
                occasion: occasion,
                in: tx
            )
        }
    }

    /// Hears from the exchange that the publicity system is done.
    public var publicationSubscriber: Subscriber {
        Subscriber("publications", events: ["exchange.line-changed"]) { event, tx in
            guard event.payload["party"].text == "publicity",
                event.payload["to"].text == LineState.done.rawValue,
                let id = event.payload["line"].text, let line = try ExchangeStore.line(ID(id), in: tx),
                line.state == .done
            else { return }
            let occasion = Occasion(now: event.at, actor: .platform("publications"), request: event.request)
            try published(by: line, occasion: occasion, in: tx)
        }
    }

    /// Calls what is not published in time by its name, once.
    public func publicationTimer(clock: any Clock) -> JobKind {
        let shelf = CalendarShelf(base: standards.calendar)
        return JobKind(Self.publicationJob) { job in
            let calendar = try await shelf.refresh(from: database)
            let occasion = Occasion(
                now: max(clock.now, job.due),
                actor: .platform("publications"),
                request: "job:\(job.key)"
            )
            return try await database.write { tx in
                guard
                    let publication = try PublicationStore.find(
                        ID(job.payload["publication"].text ?? ""),
                        in: tx
                    ),
                    publication.isOpen, let clockID = publication.clock,
                    let running = try Deadlines.find(ID(clockID), in: tx)
                else { return .done }
                let due = running.due(calendar)
                if let day = due.date, day != publication.dueOn {
                    try PublicationStore.setDue(day, of: publication.id, in: tx)
                }
                guard due.isOver(at: occasion.now) else {
                    guard let next = Self.lookAt(due) else { return .done }
                    return .again(at: max(next, occasion.now + Instant.day), why: "not due yet")
                }
                guard try PublicationStore.setOverdue(publication.id, at: occasion.now, in: tx) else {
                    return .done
                }
                let facts: JSON = [
                    "code": .string(publication.code), "what": .string(publication.what),
                    "dueOn": JSON(due.date?.description),
                ]
                try AuditLog.append(
                    "register.publication-overdue",
                    object: publication.object,
                    after: facts,
                    occasion: occasion,
                    in: tx
                )
                try Outbox.emit(
                    "register.publication-overdue",
                    object: publication.object,
                    payload: facts,
                    occasion: occasion,
                    in: tx
                )
                return .done
            }
        }
    }
}
