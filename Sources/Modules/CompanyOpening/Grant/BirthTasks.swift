public import Kernel
import Standards

/// Something the young firm must do, with its law and its day (company-opening §6).
public struct BirthTask: Sendable, Equatable {
    public let id: String
    public let code: String
    /// `social-insurance`, `housing-fund`, `contribution` …: message key `task.<kind>`.
    public let kind: String
    /// Nil when the day depends on a calendar that is not published, or there is none.
    public let dueOn: LocalDate?
    public let doneAt: Instant?
    public let arguments: JSON

    /// A duty that stays: it has no end and cannot be ticked off.
    public var isStanding: Bool { kind == "show-licence" || !arguments["period"].isNull }
}

/// Works the tasks out of the form and the dated limits.
struct BirthTaskList {
    let form: CompanyForm
    let code: String
    let limits: JSON
    let today: LocalDate
    let calendar: WorkingCalendar
    let permits: [(phrase: String, department: String)]

    var tasks: [(kind: String, due: LocalDate?, arguments: JSON)] {
        var tasks: [(kind: String, due: LocalDate?, arguments: JSON)] = []
        // A sole trader who employs nobody is no employer in the sense of the Social Insurance Law, article 57.
        let employs = form.kind == .llc || form.data["joined"]["staff"]["none"].bool == false
        if employs, form.joined("socialInsurance") != "now" {
            tasks.append(("social-insurance", days("socialInsuranceApply"), [:]))
        }
        if form.joined("housingFund") != "now", form.kind == .llc {
            tasks.append(("housing-fund", days("housingFundApply"), [:]))
        }
        if form.data["joined"]["staff"]["none"].bool == false,
            form.kind == .llc || form.joined("housingFund") == "now"
        {
            tasks.append(("housing-fund-staff", staffAccounts, [:]))
        }
        if form.kind == .llc, form.data["beneficial"]["mode"].text == "later" {
            tasks.append(("beneficial-owners", days("beneficialDays"), [:]))
        }
        for permit in permits {
            tasks.append(
                ("permit", nil, ["phrase": .string(permit.phrase), "department": .string(permit.department)])
            )
        }
        for holder in form.data["shareholders"].elements {
            guard let due = holder["dueDate"].text.flatMap({ LocalDate(parsing: $0) }) else { continue }
            tasks.append(
                (
                    "contribution", due,
                    [
                        "shareholder": .string(PersonMask.name(holder["name"].text ?? "")),
                        "amountFen": holder["amount"],
                    ]
                )
            )
        }
        tasks.append(("annual-report", annualReportMonth("annualReportUntil")?.last, annualReportFrom))
        tasks.append(("show-licence", nil, [:]))
        return tasks + standing
    }

    /// What is owed whenever something changes later, with the time for it. A sole trader has no contributions.
    private var standing: [(kind: String, due: LocalDate?, arguments: JSON)] {
        var kinds = ["change-registered": "changeRegistered", "change-filed": "changeFiled"]
        if form.kind == .llc { kinds["contribution-published"] = "contributionPublished" }
        return kinds.sorted { $0.key < $1.key }.compactMap { kind, limit in
            limits[limit].text.map { (kind, nil, ["period": .string($0)]) }
        }
    }

    /// Accounts of the staff are opened within `housingFundStaff` of the registration with the fund, which itself may
    /// take until the end of `housingFundApply` where it was put off (Regulations on the Housing Fund, article 14).
    private var staffAccounts: LocalDate? {
        form.joined("housingFund") == "now"
            ? days("housingFundStaff")
            : days("housingFundApply").flatMap { days("housingFundStaff", after: $0) }
    }

    /// First and last day of a month of the next year, by a limit that names the month (Regulations on Publication of
    /// Enterprise Information, article 8); nil where no such limit is in force.
    private func annualReportMonth(_ limit: String) -> (first: LocalDate, last: LocalDate)? {
        guard let month = limits[limit].int,
            let first = LocalDate(year: today.year + 1, month: Int(month), day: 1)
        else { return nil }
        return (first, first.adding(months: 1).adding(days: -1))
    }

    private var annualReportFrom: JSON {
        guard let month = annualReportMonth("annualReportFrom") else { return [:] }
        return ["from": .string(month.first.description)]
    }

    /// Calendar days; a last day that is no working day moves to the next one (Civil Code, article 203).
    private func days(_ limit: String, after start: LocalDate? = nil) -> LocalDate? {
        guard let text = limits[limit].text, text.hasSuffix(" d"), let count = Int(text.dropLast(2))
        else { return nil }
        var day = (start ?? today).adding(days: count)
        while true {
            guard let isWorking = try? calendar.isWorkingDay(day) else { return nil }
            if isWorking { return day }
            day = day.adding(days: 1)
        }
    }
}
