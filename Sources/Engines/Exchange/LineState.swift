/// Where a line of the bundle stands, that is: one thing that one outside party has to do for one case
/// (company-opening.md §4). Raw values are stored: never rename, only add.
public enum LineState: String, Sendable, CaseIterable, Codable {
    /// 待推送
    case pending
    /// 已推送: the bytes left, nobody has confirmed them yet.
    case sent
    /// 已接收
    case received
    /// 办理中
    case working
    /// 办结
    case done
    /// 退回, with a reason
    case returned
    /// 需本人办理
    case personNeeded
    /// 超时: the party's time is over; the platform keeps asking and the party's clerk has a work item.
    case overdue
    /// 暂不需要
    case notNeeded
    /// 稍后办: the founder set it aside and may reopen it.
    case later

    /// Nothing more is expected of the party, so the bundle does not wait for this line.
    public var isEnd: Bool {
        switch self {
        case .done, .notNeeded, .later, .personNeeded: true
        case .pending, .sent, .received, .working, .returned, .overdue: false
        }
    }

    /// The platform has to hand the message over, or to ask again.
    public var isWaiting: Bool {
        switch self {
        case .pending, .sent, .received, .working, .overdue: true
        case .done, .returned, .personNeeded, .notNeeded, .later: false
        }
    }
}

/// What happens to a line.
public enum LineEvent: String, Sendable, CaseIterable, Codable {
    /// The message was handed to the transport and nobody confirmed it.
    case sent
    /// The party reports: it has the message.
    case received
    /// The party reports: it works on it.
    case working
    /// The party reports: done, with its artefacts.
    case done
    /// The party reports: it cannot, for a reason that somebody can mend.
    case returned
    /// The party reports: somebody must appear or act in the party's own system.
    case personNeeded
    /// The time that the party has is over.
    case timedOut
    /// The founder sets the line aside.
    case setAside
    /// The founder does not want it.
    case declined
    /// The founder takes a line up again that was set aside or declined.
    case reopened
    /// The request goes out anew with mended fields, such as another engraver.
    case resubmitted
}

/// What an event does to a line in a state.
public enum LineStep: Hashable, Sendable {
    case to(LineState)
    /// Nothing changes, and that is a clean outcome: a report that came twice, late or out of order.
    case stays(Reason)
    /// Somebody asked for what is not possible now.
    case refused

    public enum Reason: String, Sendable, CaseIterable, Codable {
        /// The line is there already.
        case duplicate
        /// An earlier stage reported after a later one.
        case outOfOrder
        /// The line has ended without waiting for this.
        case late
    }
}

extension LineState {
    /// What `event` does here. Pure and total: a party's report never fails, a person's wish may be refused.
    public func step(_ event: LineEvent) -> LineStep {
        switch (self, event) {
        case (.pending, .sent), (.sent, .sent): .to(.sent)
        case (.received, .sent), (.working, .sent): .stays(.outOfOrder)
        case (.overdue, .sent): .stays(.duplicate)

        case (.pending, .received), (.sent, .received): .to(.received)
        case (.received, .received): .stays(.duplicate)
        case (.working, .received): .stays(.outOfOrder)
        case (.overdue, .received): .stays(.late)

        case (.pending, .working), (.sent, .working), (.received, .working): .to(.working)
        case (.working, .working): .stays(.duplicate)
        case (.overdue, .working): .stays(.late)

        case (.pending, .done), (.sent, .done), (.received, .done), (.working, .done), (.overdue, .done):
            .to(.done)
        case (.returned, .done), (.personNeeded, .done), (.later, .done): .to(.done)
        case (.done, .done): .stays(.duplicate)
        case (.notNeeded, .done): .stays(.late)

        case (.pending, .returned), (.sent, .returned), (.received, .returned): .to(.returned)
        case (.working, .returned), (.overdue, .returned), (.personNeeded, .returned): .to(.returned)
        case (.returned, .returned): .stays(.duplicate)
        case (.done, .returned), (.notNeeded, .returned), (.later, .returned): .stays(.late)

        case (.pending, .personNeeded), (.sent, .personNeeded), (.received, .personNeeded): .to(.personNeeded)
        case (.working, .personNeeded), (.overdue, .personNeeded), (.returned, .personNeeded):
            .to(.personNeeded)
        case (.personNeeded, .personNeeded): .stays(.duplicate)
        case (.done, .personNeeded), (.notNeeded, .personNeeded), (.later, .personNeeded): .stays(.late)

        case (.returned, .sent), (.personNeeded, .sent), (.done, .sent): .stays(.outOfOrder)
        case (.returned, .received), (.personNeeded, .received), (.done, .received): .stays(.outOfOrder)
        case (.returned, .working), (.personNeeded, .working), (.done, .working): .stays(.outOfOrder)
        case (.notNeeded, .sent), (.notNeeded, .received), (.notNeeded, .working): .stays(.late)
        case (.later, .sent), (.later, .received), (.later, .working): .stays(.late)

        case (.pending, .timedOut), (.sent, .timedOut), (.received, .timedOut), (.working, .timedOut):
            .to(.overdue)
        case (.overdue, .timedOut): .stays(.duplicate)
        case (.returned, .timedOut), (.personNeeded, .timedOut), (.done, .timedOut): .stays(.late)
        case (.notNeeded, .timedOut), (.later, .timedOut): .stays(.late)

        case (.pending, .setAside), (.sent, .setAside), (.received, .setAside), (.working, .setAside):
            .to(.later)
        case (.overdue, .setAside), (.returned, .setAside), (.personNeeded, .setAside): .to(.later)
        case (.later, .setAside): .stays(.duplicate)
        case (.done, .setAside), (.notNeeded, .setAside): .refused

        case (.pending, .declined), (.later, .declined), (.returned, .declined): .to(.notNeeded)
        case (.notNeeded, .declined): .stays(.duplicate)
        case (.sent, .declined), (.received, .declined), (.working, .declined), (.overdue, .declined):
            .refused
        case (.personNeeded, .declined), (.done, .declined): .refused

        case (.later, .reopened), (.notNeeded, .reopened): .to(.pending)
        case (.pending, .reopened): .stays(.duplicate)
        case (.sent, .reopened), (.received, .reopened), (.working, .reopened), (.overdue, .reopened):
            .refused
        case (.returned, .reopened), (.personNeeded, .reopened), (.done, .reopened): .refused

        case (.returned, .resubmitted), (.overdue, .resubmitted), (.personNeeded, .resubmitted): .to(.pending)
        case (.later, .resubmitted), (.notNeeded, .resubmitted): .to(.pending)
        case (.pending, .resubmitted), (.sent, .resubmitted), (.received, .resubmitted): .refused
        case (.working, .resubmitted), (.done, .resubmitted): .refused
        }
    }
}
