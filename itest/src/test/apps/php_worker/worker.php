<?php
// SPDX-License-Identifier: Apache-2.0
// What PhpWorkerIT asks resident workers for.

$boot = getmypid();
$seen = 0;
$kept = '';

final class Ending
{
    public function __destruct()
    {
        echo 'destroyed';
    }
}

function form(): void
{
    $files = [];
    foreach ($_FILES as $name => $file) {
        $files[$name] = [$file['name'], $file['size'], is_uploaded_file($file['tmp_name']),
            md5_file($file['tmp_name'])];
    }
    echo json_encode(['post' => $_POST, 'get' => $_GET, 'cookie' => $_COOKIE, 'files' => $files,
        'request' => $_REQUEST, 'input' => strlen(file_get_contents('php://input')), 'session' => isset($_SESSION)]);
}

$handler = function () use (&$seen, &$kept, $boot): void {
    $seen++;
    switch ($_GET['do'] ?? '') {
        case 'pid':
            echo getmypid();
            break;
        case 'seen':
            echo $seen, ' ', $boot === getmypid() ? 'same' : 'forked';
            break;
        case 'form':
            form();
            $_GET['left'] = $_POST['left'] = $_COOKIE['left'] = $_FILES['left'] = 'behind';
            break;
        case 'late':
            echo str_repeat('x', 100000);
            // Too late, once a part of the output has gone.
            @header('X-Late: late');
            break;
        case 'server':
            echo $_SERVER[$_GET['name']] ?? '-';
            break;
        case 'included':
            echo require __DIR__ . '/included.php';
            break;
        case 'sum':
            $first = hash_init('md5');
            $length = hash_update_stream($first, fopen('php://input', 'r'));
            $again = hash_init('md5');
            hash_update_stream($again, fopen('php://input', 'r'));
            echo $length, ' ', hash_final($first), ' ', hash_final($again);
            break;
        case 'head':
            http_response_code(418);
            header('X-One: 1');
            header('X-Two: a');
            header('X-Two: b', false);
            header('X-Gone: 1');
            header_remove('X-Gone');
            header_register_callback(function (): void {
                header('X-Late: ' . count(headers_list()));
            });
            setcookie('name', 'value', ['path' => '/', 'httponly' => true]);
            echo headers_sent() ? 'sent' : 'waiting';
            break;
        case 'plain':
            echo json_encode([http_response_code(), headers_list(), headers_sent(), ob_get_level(),
                error_get_last()]);
            break;
        case 'location':
            header('Location: /there');
            break;
        case 'length':
            header('Content-Length: 2');
            echo 'ok';
            flush();
            break;
        case 'empty':
            http_response_code(204);
            break;
        case 'exit':
            echo 'before';
            new Ending();
            register_shutdown_function(function (): void {
                echo ' at the end';
            });
            exit(3);
        case 'throw':
            header('X-One: 1');
            echo 'before';
            throw new DomainException('thrown on purpose');
        case 'cut':
            echo str_repeat('x', 100_000);
            throw new DomainException('thrown in the middle');
        case 'fatal':
            echo 'before';
            str_repeat('x', 512 << 20);
            break;
        case 'grow':
            $kept .= str_repeat('x', 4 << 20);
            echo getmypid();
            break;
        case 'large':
            $piece = str_repeat('0123456789abcdef', 1 << 12);
            for ($i = (int) $_GET['pieces']; $i > 0; $i--) {
                echo $piece;
            }
            break;
        case 'flush':
            while (ob_get_level() > 0) {
                ob_end_flush();
            }
            echo 'first';
            flush();
            while (!file_exists($_GET['file'])) {
                clearstatcache();
                usleep(10_000);
            }
            echo ' second';
            break;
        case 'finish':
            echo getmypid();
            fastcgi_finish_request();
            echo 'nobody reads this';
            while (!file_exists($_GET['file'])) {
                clearstatcache();
                usleep(10_000);
            }
            error_log('the handler has gone on as ' . getmypid());
            break;
        case 'fill':
            for (;;) {
                echo str_repeat('x', 65_536);
            }
        case 'sleep':
            usleep(1000 * (int) $_GET['ms']);
            echo getmypid();
            break;
        case 'session':
            session_start();
            $_SESSION['count'] = ($_SESSION['count'] ?? 0) + 1;
            echo session_id(), ' ', $_SESSION['count'];
            break;
        case 'ini':
            echo ini_set($_GET['name'], 'changed') === false ? 'kept ' : 'changed ', ini_get($_GET['name']);
            break;
        case 'opcache':
            echo opcache_get_status(false)['opcache_enabled'] ? 'on' : 'off', ' ', ini_get('memory_limit');
            break;
        case 'random':
            echo mt_rand();
            break;
        case 'say':
            fwrite(STDERR, "said to standard error\n");
            trigger_error('a warning of the handler', E_USER_WARNING);
            break;
        case 'fork':
            echo 'parent';
            if (pcntl_fork() === 0) {
                return;
            }
            pcntl_wait($status);
            break;
        default:
            echo $_SERVER['SCRIPT_NAME'], ' ', $_SERVER['SCRIPT_FILENAME'], ' ', $_SERVER['DOCUMENT_ROOT'], ' ',
                $_SERVER['REQUEST_URI'], ' ', $_SERVER['PATH_INFO'] ?? '-', ' ', getcwd();
    }
};

while (margay_handle_request($handler)) {
    continue;
}
