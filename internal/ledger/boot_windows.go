package ledger

import (
	"errors"
	"strconv"

	"golang.org/x/sys/windows/registry"
)

// readBootID returns the counter that Windows keeps of its starts.
func readBootID() (string, error) {
	const path = `SYSTEM\CurrentControlSet\Control\Session Manager\Memory Management\PrefetchParameters`
	key, err := registry.OpenKey(registry.LOCAL_MACHINE, path, registry.QUERY_VALUE)
	if errors.Is(err, registry.ErrNotExist) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	id, _, err := key.GetIntegerValue("BootId")
	if errors.Is(err, registry.ErrNotExist) {
		id, err = 0, nil
	}
	if err := errors.Join(err, key.Close()); err != nil || id == 0 {
		return "", err
	}
	return strconv.FormatUint(id, 10), nil
}
