<?php
// SPDX-License-Identifier: Apache-2.0
// The interpreter's own idea of a request, so that header(), setcookie(), sessions, php://input, $_FILES and the rest
// mean what they mean everywhere.

namespace Margay {

/** The server interface inside of the interpreter: the command line's, with the parts that a web server has. */
final class Sapi
{
    private const C = <<<'C'
        typedef size_t (*writer)(void *from, size_t length);
        typedef void (*flusher)(void *context);
        typedef size_t (*reader)(void *to, size_t length);
        struct module { char *name; void *first[5]; writer ub_write; flusher flush; void *second[3];
            void *header_handler; void *third[2]; reader read_post; };
        extern struct module sapi_module;
        struct globals { void *server_context; char *request_method; char *query_string; char *cookie_data;
            int64_t content_length; char *path_translated; char *request_uri; void *request_body; char *content_type;
            bool headers_only; bool no_headers; bool headers_read; };
        extern struct globals sapi_globals;
        struct part { uint16_t size; uint32_t api; uint8_t debug; uint8_t zts; void *ini; void *deps; char *name;
            void *functions; void *startup; void *shutdown; int (*request_startup)(int type, int number);
            int (*request_shutdown)(int type, int number); };
        struct value { struct part *part; uint32_t type; uint32_t more; };
        struct table;
        extern struct table module_registry;
        struct value *zend_hash_str_find(struct table *table, const char *name, size_t length);
        void *zend_strpprintf(size_t limit, const char *format, ...);
        int zend_alter_ini_entry_chars(void *name, const char *value, size_t length, int type, int stage);
        void sapi_activate(void);
        void sapi_deactivate(void);
        int sapi_send_headers(void);
        void zend_activate_auto_globals(void);
        bool zend_is_auto_global_str(const char *name, size_t length);
        int _php_stream_free(void *stream, int options);
        void php_handle_aborted_connection(void);
        void php_output_deactivate(void);
        int php_output_activate(void);
        C;
    private const AREA = 131072;
    private const MODULE_ENTRY = 168;

    private \FFI $c;
    private \FFI\CData $module;
    private \FFI\CData $globals;
    private \FFI\CData $area;
    private \FFI\CData $before;
    private ?\FFI\CData $session = null;
    /** Whether the last request had what the next one must not see. */
    private bool $used = true;

    public function __construct()
    {
        $this->c = \FFI::cdef(self::C);
        $this->module = $this->c->sapi_module;
        $this->globals = $this->c->sapi_globals;
        if (\FFI::string($this->module->name) !== PHP_SAPI || PHP_SAPI !== 'cli') {
            throw new \RuntimeException('this is not the interpreter that was expected');
        }
        $standard = $this->c->zend_hash_str_find(\FFI::addr($this->c->module_registry), 'standard', 8);
        $fault = $standard === null ? 'module_registry'
            : self::fault($this->c, $this->module, $this->globals, $standard->part);
        if ($fault !== null) {
            throw new \RuntimeException('the worker mode does not know the structures of PHP ' . PHP_VERSION
                . " on this machine: $fault is not what it is elsewhere");
        }
        $this->area = $this->c->new('char[' . self::AREA . ']');
        $found = $this->c->zend_hash_str_find(\FFI::addr($this->c->module_registry), 'session', 7);
        if ($found !== null) {
            $this->session = $found->part;
        }
    }

    /**
     * The first of what is not as the command line's interpreter has it before a script runs, or null. To write into
     * structures that are laid out in another way would end the process, or worse, not end it.
     */
    public static function fault(\FFI $c, \FFI\CData $module, \FFI\CData $globals, \FFI\CData $part): ?string
    {
        $title = $module->first[0];
        $checks = [
            'zend_module_entry.size' => $part->size === self::MODULE_ENTRY,
            'zend_module_entry.zts' => $part->zts === 0,
            'sapi_module.pretty_name' => $title !== null
                && \FFI::string($c->cast('char*', $title)) === 'Command Line Interface',
            'sapi_module.activate' => $module->first[3] === null && $module->first[4] !== null,
            'sapi_module.ub_write' => $module->ub_write !== null,
            'sapi_module.flush' => $module->flush !== null,
            'sapi_module.get_stat' => $module->second[0] === null && $module->second[1] === null,
            'sapi_module.sapi_error' => $module->second[2] !== null,
            'sapi_module.header_handler' => $module->header_handler !== null,
            'sapi_module.send_headers' => $module->third[0] !== null && $module->third[1] !== null,
            'sapi_module.read_post' => $module->read_post === null,
        ];
        foreach (['server_context', 'request_method', 'query_string', 'cookie_data', 'request_uri', 'request_body',
            'content_type'] as $name) {
            $checks["sapi_globals.$name"] = $globals->$name === null;
        }
        $checks['sapi_globals.content_length'] = $globals->content_length === 0;
        $checks['sapi_globals.path_translated'] = $globals->path_translated !== null;
        foreach ($checks as $name => $good) {
            if (!$good) {
                return $name;
            }
        }
        return null;
    }

    /** Nobody, not even the application, is to change these options. */
    public function fix(array $names): void
    {
        foreach ($names as $name) {
            $value = (string) ini_get($name);
            $this->c->zend_alter_ini_entry_chars($this->c->zend_strpprintf(0, '%s', $name), $value, strlen($value),
                4, 4);
        }
    }

    /** What is written from now on goes to the first, flushes to the second; the third is asked for bodies. */
    public function attach(\Closure $write, \Closure $flush, \Closure $read): void
    {
        $this->before = $this->c->new('struct module');
        \FFI::memcpy($this->before, $this->module, \FFI::sizeof($this->before));
        ob_implicit_flush(false);
        $this->module->header_handler = null;
        $this->module->ub_write = $write;
        $this->module->flush = $flush;
        $this->module->read_post = $read;
        $this->globals->server_context = $this->c->cast('void*', \FFI::addr($this->area[0]));
    }

    /** As it was, before the interpreter ends. */
    public function detach(): void
    {
        $this->forget();
        $this->globals->server_context = null;
        \FFI::memcpy($this->module, $this->before, \FFI::sizeof($this->before));
    }

    private function forget(): void
    {
        $info = $this->globals;
        $info->request_method = null;
        $info->query_string = null;
        $info->cookie_data = null;
        $info->content_type = null;
        $info->content_length = 0;
    }

    private function put(string $field, int $at, string $value): int
    {
        $length = strlen($value);
        if ($at + $length >= self::AREA) {
            return $at;
        }
        $place = $this->area + $at;
        \FFI::memcpy($place, $value . "\0", $length + 1);
        $this->globals->$field = $place;
        return $at + $length + 1;
    }

    /** Begins a request: all that the interpreter fills by itself is that of the request from now on. */
    public function begin(string $method, string $query, string $cookie, string $type, int $length): void
    {
        $used = $length > 0 || $query !== '' || $cookie !== '';
        if ($used) {
            // Only for POST there is a form; and what is written for HEAD is not to be held back for ever.
            $at = $this->put('request_method', 0, $method === 'POST' ? 'POST' : 'GET');
            $at = $query === '' ? $at : $this->put('query_string', $at, $query);
            if ($length > 0) {
                $this->globals->content_length = $length;
                $at = $type === '' ? $at : $this->put('content_type', $at, $type);
            }
        }
        $this->c->sapi_activate();
        http_response_code(200);
        if ($used || $this->used) {
            if ($cookie !== '') {
                $this->put('cookie_data', $at, $cookie);
            }
            $this->c->zend_activate_auto_globals();
            // Else a file that is included later and names them would have them filled again, from the environment.
            $this->c->zend_is_auto_global_str('_SERVER', 7);
            $this->c->zend_is_auto_global_str('_REQUEST', 8);
            if ($method !== 'POST' || strncasecmp($type, 'multipart/form-data', 19) !== 0) {
                $_FILES = [];
            }
            $_REQUEST = $_POST + $_GET;
        } else {
            $_GET = $_POST = $_COOKIE = $_FILES = $_REQUEST = [];
        }
        $this->used = $used;
    }

    /** Everything that was written and is held by buffers has to go, and the head is made if nothing was. */
    public function finish(): void
    {
        $level = ob_get_level();
        while ($level > 0 && @ob_end_flush() && ob_get_level() < $level) {
            $level--;
        }
        $this->c->sapi_send_headers();
    }

    /** Ends a request: what it has left behind is given back. */
    public function end(): void
    {
        if ($this->session !== null && (session_status() === PHP_SESSION_ACTIVE || session_id() !== '')) {
            // Another client must not get its name.
            ($this->session->request_shutdown)(1, 0);
            ($this->session->request_startup)(1, 0);
            $_SESSION = [];
            unset($GLOBALS['_SESSION']);
        }
        $body = $this->globals->request_body;
        if ($body !== null) {
            // Whoever keeps php://input must not read what is no longer there.
            foreach (get_resources('stream') as $stream) {
                if ((stream_get_meta_data($stream)['uri'] ?? '') === 'php://input') {
                    fclose($stream);
                }
            }
            $this->c->_php_stream_free($body, 3);
            $this->globals->request_body = null;
        }
        if (headers_sent()) {
            // Else the next one would begin with output that was sent, and header() would warn of it.
            $this->c->php_output_deactivate();
            $this->c->php_output_activate();
        }
        $this->c->sapi_deactivate();
        if ($this->used) {
            $this->forget();
        }
    }

    /** The client has left; ends the script unless it wants to go on. */
    public function abort(): void
    {
        $this->c->php_handle_aborted_connection();
    }
}

}
?>
