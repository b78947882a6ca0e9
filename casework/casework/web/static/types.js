// What casework's API answers, as far as the desk uses it (casework/api/schemas.py).

/**
 * @typedef {object} Owner
 * @property {string} garrison
 * @property {string} unit
 * @property {string} unit_name
 * @property {string | null} station
 * @property {string | null} beat
 * @property {string | null} district
 */

/**
 * @typedef {object} Summary
 * @property {string} report_id
 * @property {string} number
 * @property {number} version
 * @property {string} status
 * @property {string} category
 * @property {number} longitude
 * @property {number} latitude
 * @property {Owner} owner
 * @property {number} supporters
 * @property {boolean} contested
 * @property {boolean} emergency_like
 * @property {number} questions
 * @property {number} answered
 * @property {boolean} withdrawn
 * @property {string} submitted_at
 * @property {string} changed_at
 * @property {string | null} due_at
 * @property {boolean} overdue
 */

/** @typedef {Summary & {metres: number}} Similar */

/**
 * @typedef {object} HistoryEntry
 * @property {number | null} version
 * @property {string} what
 * @property {string} at
 * @property {string} role
 * @property {string | null} officer
 * @property {string | null} note
 * @property {Record<string, any>} detail
 */

/**
 * @typedef {object} Check
 * @property {number} number
 * @property {number} round
 * @property {string} checked_at
 * @property {string} officer
 * @property {"found" | "not_found"} finding
 * @property {string | null} note
 */

/**
 * @typedef {object} Clock
 * @property {string} clock
 * @property {number} cycle
 * @property {string} started_at
 * @property {string} due_at
 * @property {boolean} missed
 * @property {string | null} stopped_at
 * @property {string | null} outcome
 */

/**
 * @typedef {object} Referral
 * @property {number} number
 * @property {string} agency
 * @property {"topic" | "webhook" | "email" | "letter" | null} channel
 * @property {string} made_at
 * @property {string | null} acknowledged_at
 * @property {string | null} ended_at
 * @property {string | null} outcome
 * @property {string | null} responsible_agency
 */

/** @typedef {{report_id: string, number: string, status: string}} Related */
/** @typedef {{what: string, said_at: string | null, question: number | null, text: string}} FollowUpText */

/**
 * @typedef {object} DetailFields
 * @property {number} round
 * @property {string | null} occurred_at
 * @property {number[]} weekdays
 * @property {string | null} time_of_day
 * @property {string | null} executor
 * @property {string | null} task_due_at
 * @property {string | null} merged_into
 * @property {string | null} district_name
 * @property {string[]} allowed
 * @property {Named[]} proposed_agencies
 * @property {string | null} likely_agency
 * @property {HistoryEntry[]} history
 * @property {Check[]} checks
 * @property {Clock[]} clocks
 * @property {Referral[]} referrals
 * @property {string | null} continues
 * @property {Related | null} earlier
 * @property {Related[]} later
 * @property {FollowUpText[]} said_after
 * @property {{description: string | null, photos: string[], erased: boolean} | null} words
 */

/** @typedef {Summary & DetailFields} Detail */

/**
 * @typedef {object} Workload
 * @property {string} garrison
 * @property {string} unit
 * @property {string} unit_name
 * @property {number} new
 * @property {number} verification
 * @property {number} confirmed
 * @property {number} referred
 * @property {number} contested
 * @property {number} overdue
 * @property {string | null} overdue_since
 */

/**
 * @typedef {object} Me
 * @property {string} subject
 * @property {string} role
 * @property {string | null} garrison
 * @property {string | null} unit
 * @property {string | null} beat
 * @property {string | null} unit_name
 * @property {string | null} garrison_name
 * @property {string | null} deputy_of
 */

/**
 * @typedef {object} DutyEntry
 * @property {string} entry_id
 * @property {"shift" | "deputy"} kind
 * @property {string} officer
 * @property {string | null} principal
 * @property {string | null} email
 * @property {string} starts_at
 * @property {string} ends_at
 */

/**
 * @typedef {object} DutyChange
 * @property {string} at
 * @property {string} officer
 * @property {string} role
 * @property {"added" | "ended" | "removed"} what
 * @property {Record<string, any>} detail
 */

/**
 * @typedef {object} Roster
 * @property {boolean} keeps
 * @property {{officer: string, email: string | null, until: string, instead_of: string | null} | null} on_duty
 * @property {DutyEntry[]} entries
 * @property {DutyChange[]} changes
 */

/**
 * @typedef {object} Alarm
 * @property {string} surge_id
 * @property {string} unit_name
 * @property {number} reports
 * @property {string} raised_at
 * @property {"unit" | "garrison" | "headquarters"} told
 * @property {string | null} escalate_at
 * @property {string | null} acknowledged_at
 * @property {string | null} acknowledged_by
 * @property {string | null} acknowledged_role
 * @property {{report_id: string, number: string}[]} cases
 */

/** @typedef {{code: string, name: string}} Named */

export {};
