# Attendance. The same keys stand in it/errors-attendance.ftl.

error-cancel-choose = choose at least one day
error-cancel-past = a past day can't be cancelled
error-cancel-too-far = days up to { $last } can be cancelled
error-cancel-nothing = there is nothing to cancel on those days
error-cancel-range = the first day comes before the last
error-restore-late = the meal of { $day } can't be restored: the cut-off is past
error-restore-nothing = the meal of { $day } is not cancelled
error-register-locked = the day { $day } is closed
error-register-future = the register of { $day } can't be kept yet
error-register-closed = the service does not run on { $day }
error-register-changed = this register has changed meanwhile: look at it again and confirm it again
error-cancel-day-closed = the day has been closed and charged: it can’t be cancelled any more; write to the office if that is wrong
error-desk-day-closed = the day has been closed and charged: it can’t be cancelled any more, not even by the office
error-desk-already = those days have been cancelled meanwhile
