// VenueWatch+Tasks.swift — what the watch does when something is due. Its thread only.
import Core
import VenueKit

// MARK: - Names

extension VenueWatch {
    func hear(stream slot: Int, isOpen: Bool, reason: String) {
        take(maintenance.stream(slot, isOpen: isOpen, reason: reason))
        guard streams.indices.contains(slot), !streams[slot].host.isEmpty, !isOpen else { return }
        // Perhaps it moved.
        let now = clock.monotonic
        if now - (refreshed[streams[slot].host] ?? .min / 2) >= Self.soon {
            refresh(streams[slot].host, now)
        }
    }

    func refreshNames(_ now: Int64) {
        due.names = now + settings.namesSeconds * Self.second
        for host in Set(access.hosts + streams.map(\.host)).sorted() where !host.isEmpty {
            refresh(host, now)
        }
    }

    private func refresh(_ host: String, _ now: Int64) {
        refreshed[host] = now
        access.names.refresh(host)
    }

    /// What this watch, or a request under way, found out.
    func takeNames() { access.names.takeChanges().forEach { take($0.host, $0.change) } }

    private func take(_ host: String, _ change: NameBook.Change) {
        switch change {
        case .same: break
        case .moved(let before, let addresses):
            let from = before.isEmpty ? "nowhere" : before.joined(separator: ", ")
            output.note(
                .info, "names", "\(host) moved: \(from) → \(addresses.joined(separator: ", "))")
            show("names \(host)", nil)
            for slot in streams.indices where streams[slot].host == host {
                postAddresses(of: slot)
            }
        case .lost(let problem):
            let text =
                "the name \(host) cannot be looked up; its last addresses stay in use: \(problem)"
            alarm(text)
            show("names \(host)", ConditionDocument(name: "names", state: "noted", text: text))
        case .found:
            output.note(.info, "names", "\(host) can be looked up again")
            show("names \(host)", nil)
        }
    }

    func postAddresses(of slot: Int) {
        guard let addresses = try? access.names.addresses(of: streams[slot].host) else { return }
        post(addresses, slot)
    }
}

// MARK: - Clock

extension VenueWatch {
    /// Two monotonic stamps around the wall's: whoever was put aside in between saw no step.
    func lookAtOwnClock() {
        let before = clock.monotonic
        let wall = clock.wall
        let after = clock.monotonic
        guard after - before < 1_000_000 else { return }
        take(clockGuard.look(wall: wall, monotonic: before))
    }

    func readClock() {
        let inUse = clockGuard.offset
        clockRead = clock.monotonic
        do {
            let reading = try access.readClock()
            let now = clock.monotonic
            due.clock = now + settings.clockSeconds * Self.second
            take(maintenance.answer(problem: nil))
            take(clockGuard.read(reading, monotonic: now))
            tellRefusedClock(reading.offset, inUse)
        } catch {
            due.clock = clock.monotonic + Self.soon
            output.note(.warn, "clock", "the venue's clock could not be read: \(error)")
            take(answer: error)
            take(clockGuard.miss(monotonic: clock.monotonic))
        }
        if clockGuard.state != .active { due.clock = min(due.clock, clock.monotonic + Self.soon) }
    }

    /// A timestamp that the venue refused, by its name.
    private func tellRefusedClock(_ offset: Int64, _ inUse: Int64) {
        guard clockWasRefused else { return }
        clockWasRefused = false
        alarm(
            "the venue refused a timestamp: the clock is off by \(milliseconds(offset - inUse)) "
                + "ms; corrected")
    }

    private func take(_ events: [ClockGuard.Event]) {
        for event in events {
            switch event {
            case .correct(let offset): access.setClockOffset(offset)
            case .jumped(let moved):
                alarm("the venue's clock jumped by \(moved) ms against ours")
            case .stepped(let moved): alarm("this machine's clock was set by \(moved) ms")
            case .measure: due.clock = clock.monotonic
            case .trading(let state, let reason): tradeByClock(state, reason)
            }
        }
    }

    private func tradeByClock(_ state: TradingState, _ reason: String) {
        hold(.none, .clock, state, reason)
        let condition = ConditionDocument(name: "clock", state: state.name, text: reason)
        show("clock", state == .active ? nil : condition)
        output.note(state == .active ? .info : .warn, "clock", reason)
    }

    private func milliseconds(_ nanoseconds: Int64) -> Int64 { nanoseconds / 1_000_000 }
}

// MARK: - Maintenance

extension VenueWatch {
    /// Whether the venue serves again.
    func probe() {
        due.probe = .max
        do {
            try access.ping()
            take(maintenance.answer(problem: nil))
        } catch {
            take(answer: error)
        }
        if maintenance.wantsProbe { due.probe = clock.monotonic + Self.soon }
    }

    /// An answer that failed may be a sign; that nothing came back is none either way.
    private func take(answer error: any Error) {
        guard let error = error as? VenueError, let sign = MaintenanceGuard.sign(of: error)
        else { return }
        take(maintenance.answer(problem: sign))
    }

    private func take(_ event: MaintenanceGuard.Event?) {
        if maintenance.wantsProbe, due.probe == .max { due.probe = clock.monotonic }
        switch event {
        case .began(let why):
            let text = "venue maintenance: \(why)"
            alarm(text)
            show(
                "maintenance",
                ConditionDocument(name: "maintenance", state: "reducing", text: text))
            hold(.none, .maintenance, .reducing, text)
        case .ended:
            output.note(.info, "venue", "the venue serves again")
            show("maintenance", nil)
            hold(.none, .maintenance, .active, "the venue serves again")
            // Rules and clock may have changed meanwhile.
            due.rules = clock.monotonic
            due.clock = clock.monotonic
        case nil: break
        }
    }
}

// MARK: - Rules

extension VenueWatch {
    func readRules() {
        rulesRead = clock.monotonic
        do {
            let rules = try access.rules(instruments.map(\.symbol))
            rulesGuard.compare(rules).forEach { apply($0) }
            let usual = settings.rulesSeconds * Self.second
            let next = rulesGuard.isAnyClosed ? min(Self.reopening, usual) : usual
            due.rules = clock.monotonic + next
        } catch {
            due.rules = clock.monotonic + Self.reopening
            output.note(.warn, "venue", "the venue's rules could not be read: \(error)")
            take(answer: error)
        }
    }

    func apply(_ event: RulesGuard.Event) {
        switch event {
        case .closed(let slot, let status):
            let text = "the venue does not trade it now: \(status)"
            lower(slot, .closed, .reducing, text)
        case .open(let slot):
            let text = "the venue trades it again"
            hold(id(slot), .closed, .active, text)
            show("closed \(slot)", nil)
            output.note(.info, "venue", "\(instruments[slot].symbol): \(text)")
        case .stepChanged(let slot, let change):
            lower(slot, .rules, .halted, "the venue changed \(change); restart")
        case .limitChanged(let slot, let change):
            alarm("the venue changed its limits: \(change)", of: id(slot))
        }
    }

    private func lower(_ slot: Int, _ cause: HoldCause, _ state: TradingState, _ text: String) {
        alarm(text, of: id(slot))
        hold(id(slot), cause, state, text)
        show(
            "\(cause) \(slot)",
            ConditionDocument(
                name: "\(cause)", state: state.name, text: "\(instruments[slot].symbol): \(text)"))
    }

    private func id(_ slot: Int) -> InstrumentID { InstrumentID(slot: UInt32(slot)) }
}

// MARK: - Certificates

extension VenueWatch {
    static let certificateAlarmDays: Int64 = 7
    private static let day: Int64 = 86_400

    func lookAtCertificates(_ connections: [ConnectionState]) {
        var ends = access.certificateEnds
        for (slot, connection) in connections.enumerated() {
            guard streams.indices.contains(slot), let end = connection.certificateEnd
            else { continue }
            ends[streams[slot].host] = min(end, ends[streams[slot].host] ?? end)
        }
        for (host, end) in ends { lookAtCertificate(of: host, end) }
    }

    private func lookAtCertificate(of host: String, _ end: Int64) {
        let left = (end - clock.wall / Self.second) / Self.day
        let key = "certificate \(host)"
        guard left < Self.certificateAlarmDays else {
            toldCertificates.remove(host)
            show(key, nil)
            return
        }
        let text = "the certificate of \(host) expires in \(max(0, left)) days"
        show(key, ConditionDocument(name: "certificate", state: "noted", text: text))
        if toldCertificates.insert(host).inserted { alarm(text) }
    }
}
